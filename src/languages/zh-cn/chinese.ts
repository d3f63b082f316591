/**
 * Simplified Chinese. In the guide, what the editor says too, such as titles and steps of failures, is said here with the
 * editor's own translation, so the two cannot differ.
 */
import { fillIn, sayBy } from "../../core/base/words";
import { FILE_EXPLANATIONS_CHINESE } from "./explanationsFileChinese";
import { WIRE_EXPLANATIONS_CHINESE } from "./explanationsWireChinese";
import type { Language } from "../language";
import { IMAGE_WARNINGS_CHINESE, NOTE_EXPLANATIONS_CHINESE, RESTORE_WARNINGS_CHINESE } from "./notesChinese";
import { STATUS_MEANINGS_CHINESE } from "./statusBytesChinese";
import terms from "./terms.json";
import texts from "./texts.json";

const TRANSLATIONS: Readonly<Record<string, string>> = texts;

/** @throws Error for a sentence that has no translation: the guide is not made in two languages at once */
function translated(sentence: string): string {
  const translation = TRANSLATIONS[sentence];
  if (translation === undefined) throw new Error(`not in the Chinese texts: ${sentence}`);
  return translation;
}

export const CHINESE: Language = {
  id: "zh-cn",
  terms,
  letters: /\p{Script=Han}/u,
  sentence: /^[\p{L}.].*\p{Script=Han}.*[。）]$/u,
  guide: {
    path: "src/languages/zh-cn/guide.md",
    command: /“Beken: ([^”]+)”/g,
    say: sayBy((template, ...values) => fillIn(translated(template), values)),
    advise: translated,
    explanations: { ...WIRE_EXPLANATIONS_CHINESE, ...FILE_EXPLANATIONS_CHINESE },
    notes: NOTE_EXPLANATIONS_CHINESE,
    imageWarnings: IMAGE_WARNINGS_CHINESE,
    restoreWarnings: RESTORE_WARNINGS_CHINESE,
    statusMeanings: STATUS_MEANINGS_CHINESE,
    labels: {
      seen: "**现象**：",
      means: "**含义**：",
      betweenSentences: "",
      beforeRemark: "；",
      statusHead: ["值", "现象", "含义", "解决办法"],
      nothingToDo: "无需处理。",
      report: "报告",
      fillHead: ["范围", "全为 FF：空白", "全为 00"],
      lengths: [
        "256 字节，闪存的开头",
        "257 字节，有 ROM 加载程序的芯片的指纹",
        "一个扇区，4 KiB",
        "一个块，64 KiB",
        "2 MiB 的完整闪存",
      ],
      crcHead: ["芯片的 CRC 为", "含义和解决办法"],
      nothingHashed: "没有计算任何内容：加载程序只按 256 字节的整页计算。",
      ofBlank: "空白闪存的 CRC",
      ofZeros: "全零的 CRC",
      bootCodeHead: ["前 256 字节的 CRC-32", "前 257 字节的", "引导代码", "所在芯片"],
      noteHead: ["提示", "含义"],
      warningHead: ["警告", "含义"],
    },
  },
};
