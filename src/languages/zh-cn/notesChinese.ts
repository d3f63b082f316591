/** What notes.ts says, in Simplified Chinese. A note or warning that is added there does not compile without its row here. */
import type { RestoreWarningCode } from "../../core/backup/restorePlan";
import type { NoteCode } from "../../core/jobs/events";
import type { IMAGE_WARNINGS } from "../en/notes";

export const NOTE_EXPLANATIONS_CHINESE: Readonly<Record<NoteCode, string>> = {
  "control-lines-unavailable": "端口没有 RTS 和 DTR，或拒绝设置它们。请在提示时给芯片重新上电。",
  "lines-raised":
    "驱动程序在任何程序能够干预之前就会这样做：Linux 和 macOS 拉起两条线，Windows 拉起 RTS，浏览器拉起两条线。每个适配器只提示一次。CEN 没有接到适配器时无需处理。",
  "reset-line-held":
    "适配器的输出是反相的，或者它与 CEN 之间有一只三极管。烧录工具会为这个适配器记住这一点。其他释放该线的程序，或关闭端口，都会使芯片停住。",
  "baud-fallback": "接线、适配器或芯片承受不了该速率。换短线会有帮助；结果不受影响。",
  "baud-fixed": "网络串口的速率由它自己的服务器设定。",
  "line-loses-bytes": "换短线、共地或换一个适配器可恢复原来的速率。读到的内容仍由芯片的 CRC 证明；写入可能失败。",
  retry: "偶尔一次不要紧。次数很多则说明导线太长、地线没接好或供电不足。",
  repair: "已重新读取或写入，并由芯片的 CRC 证明无误。次数很多则说明供电有问题。",
  "needs-reset": "旧的加载程序在 CRC 请求之后，要复位才能再写入。烧录工具会在可能时自行复位。",
  "unknown-bootloader": "它的指纹是新的。此时按对所有芯片都稳妥的方式处理。",
  unprotected: "闪存的保护位原本是打开的。只要闪存能保持，之后会重新设置。",
  "image-warning": "见[关于文件的警告](#关于文件的警告)。",
  "key-unknown": "芯片上或文件中没有可用来判断密钥的应用程序。请自行确认文件适用。",
  "chip-inferred":
    "还没有人告诉我们这种芯片与本程序配合的情况。对它的了解来自其他工具的源代码：见[还没有人反馈过的芯片](#还没有人反馈过的芯片)。",
  "chip-is-a-guess":
    "BK7236 和 BK7258 的 ID 相同；这一块是哪一种，是由闪存大小推断的。如果芯片上的印字与文件所适用的芯片一致，就可以继续。",
  "boot-area-read-refused": "无法由引导代码判断芯片型号，只能依靠它的其他应答。",
  resumed: "之前那次任务完成的部分已在芯片上核对过，不会重做。",
  "since-backup": "芯片的 CRC 表明与那份备份相同的内容，直接取自备份，其余的重新读取。",
  reprotected: "与任务开始之前相同，或与曾解除写保护的那次中断的任务之前相同。",
  "locked-until-reset": "对芯片使用其他工具之前，请先复位芯片。本烧录工具会自行复位。",
  "adapter-lost": "插头、线缆或供电出了问题。请重新插入，任何 USB 口都可以；任务会从停下的地方继续。",
  "adapter-back": "根据 ID、制造商和序列号把它与其他适配器区分开来，所连的芯片也还是同一块。",
  "outside-changed":
    "有应答丢失，而该处与之前的备份不同。可能是芯片中途启动时固件存入了内容；也可能是某条命令在途中损坏。",
  compared: "闪存的这些部分与文件作了比较：对于备份或 QIO 映像，比较其中的全部内容。",
  "chip-unmarked":
    "它没有校准数据，或者 MAC 地址与许多设备相同。任务结束之前请保持连接同一块芯片；如果换过芯片，只要内容不同，任务就会发现并停止。",
  "stray-possible": "某条命令或它的应答在途中损坏。如果任务之前该处有内容，请恢复备份。",
  "option-unused": "任务会继续，但不用它。如果您指望它起作用，请再看看文件和芯片。",
  "reprotect-failed": "其他一切正常。没有写保护，设备也能工作。",
  "protection-in-doubt":
    "一块没有自身标识的芯片上的任务曾被强行结束，现在这块可能就是它。没有写保护，设备也能工作；让设备启动一次，固件通常会重新设置。只有芯片上有那次写入的全部内容，并且状态寄存器仍是当时留下的样子，这里才会恢复写保护。每次写入都会提示，直到删除该日志。",
};

export const IMAGE_WARNINGS_CHINESE: Readonly<Record<keyof typeof IMAGE_WARNINGS, string>> = {
  "content-unchecked": "文件在程序之后还有不是程序的内容，例如文件系统；它按原来的位置写入，不作检查。",
  "raw-at-given-address": "不知道文件中是什么；它会写到您指定的位置，不作检查。",
  "bytes-behind-end":
    "文本模式传输、编辑器或编程器加上了这些字节。按自身的长度和校验和，内容是完整的；其余的都不写入。",
  "filler-without-header": "映像带有填充，却没有 RBL 头部。需要头部的引导代码可能无法启动它。",
  "key-other": "它只适用于使用这同一个密钥的芯片。",
  "bootloader-not-recognised": "文件开头不是已知的引导代码。除非您坚持，否则不会写入。",
  "package-not-encrypted":
    "它会写到您指定的位置。涂鸦一类的引导代码要求更新包是加密的（构建出来的就是这样），并会在日志端口上说明。",
  "no-partition-table": "按应用程序通常的位置 0x011000 处理。",
  "no-rbl-header": "需要头部的引导代码无法启动没有头部的应用程序。",
  "name-format-differs": "以文件的内容为准，而不是以它的名称为准。",
  "name-chip-differs": "名称中的芯片与内容中的不同，但属于同一系列。",
  "application-past-usual-partition": "它比 2 MiB 闪存通常留给它的分区更长；在这样的芯片上，它可能会伸入其他数据。",
  "application-area-only": "文件以引导代码开头；芯片上的引导代码保持不变。",
  "shifted-dump": "它从 0x011000 开始读取，绕过了闪存末尾。哪部分属于何处是已知的。",
  "rbl-header-stale": "那里后来写入了另一个没有头部的应用程序；取用后者，直到它的结尾。",
  "chip-by-name": "内容没有说明芯片型号。名称可能有误：请核对文件的来源。",
  "chip-not-told": "内容和名称都没有说明芯片型号。其他芯片的固件同样会被写入，却无法启动。",
  "end-not-marked": "应用程序的块都完好。其后是别的内容，或者它的结尾已损坏。",
  "rbl-header-placed": "一个 .crc 和它的 .rblh 被拼成了一个文件。各自写到同一次构建的 UF2 会放的位置。",
  "rbl-header-without-place":
    "一个 .crc 和它的 .rblh 被拼成了一个文件。没有头部，应用程序也能启动；UF2 或 .rbl 中带有头部。",
  "re-keyed": "已按您的要求，在内存中用此芯片的密钥重新加密应用程序。",
};

export const RESTORE_WARNINGS_CHINESE: Readonly<Record<RestoreWarningCode, string>> = {
  "no-manifest": "无法判断备份是否仍是当初读出的内容；只能按它的内容来判断。",
  "other-device": "另一台设备的设置、Wi-Fi 密码和云端身份会一并写入。",
  "other-flash-part": "容量相符，但闪存型号不同。",
  "size-assumed": "芯片没有报告闪存的容量。请与它的芯片信息比对。",
  "key-unknown": "无法检查备份中的固件能否在此芯片上运行。",
  suspicious: "缺少完整备份应有的内容，或其中有异常；同时显示的那句话会说明是什么。",
  "chip-unknown": "清单文件和内容都没有说明芯片型号。写入任何内容之前会先询问您。",
  damaged: "代码自身的校验和不符。如果要写入这些代码，会先询问您。",
  "bytes-behind-end": "读取闪存之后才加上的。备份本身与闪存一样长。",
  "put-right": "备份的存放顺序与闪存不同，有些工具就是这样；已重新排好。",
  "bootloader-differs": "备份中的引导代码与此设备的不同；此设备的保持不变。",
  "calibration-missing": "此芯片上找不到校准数据。如果备份中有，就用备份中的；射频可能工作不良。",
  "calibration-replaced": "这是您要求的：射频将按为备份所属设备实测的数据工作。",
  "calibration-copied": "此设备的校准数据会复制到备份中的固件查找它的位置。",
  "calibration-left-out": "备份中的固件在另一个位置查找校准数据，可能找不到。",
  "calibration-place-in-use": "备份在此设备存放校准数据的位置有其他数据；备份的这一部分将略去。",
};
