/** What status bytes and fault reports mean, in Simplified Chinese; the English is in core/base/statusBytes.ts. */
import { FAULT_REPORTS } from "../../core/base/statusBytes";

const FAULT = "正在应答的程序已崩溃：电压跌落会造成这种情况，引导代码损坏也会。";

/** By the byte. A test holds that none is missing. */
export const STATUS_MEANINGS_CHINESE: Readonly<Record<number, string>> = {
  0: "芯片认为操作已经完成。即使闪存没有理会擦除或写入，闪存加载程序也会这样应答，所以烧录工具会读回内容并请求 CRC。",
  1: "闪存还没有完成上一个操作。",
  2: "芯片没能与它自己的闪存通信。",
  3: "闪存接受了命令，却没有及时完成。",
  4: "芯片收到的与发出的不同，或这个加载程序要求另一种形式的命令。",
  5: "字节在传往芯片的途中丢失。",
  6: "加载程序不开放这段地址范围。闪存加载程序对低于其界限的所有地址都这样应答。",
  7: "正在应答的程序没有这条命令，或命令中有一个字节在途中损坏。",
  [FAULT_REPORTS[0]]: FAULT,
  [FAULT_REPORTS[1]]: FAULT,
};
