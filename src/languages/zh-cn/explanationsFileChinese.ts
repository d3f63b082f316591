/** What explanationsFile.ts says, in Simplified Chinese. A failure that is added there does not compile without its row here. */
import type { Explanation } from "../explanation";
import type { FILE_EXPLANATIONS } from "../en/explanationsFile";

export const FILE_EXPLANATIONS_CHINESE: Readonly<Record<keyof typeof FILE_EXPLANATIONS, Explanation>> = {
  "image-empty": {
    seen: "文件中没有任何字节。",
    means: "构建或下载还没开始就中断了。",
  },
  "image-too-large": {
    seen: "文件比这类芯片的任何闪存都大，或其中的应用程序超出了它的分区。",
    means: "它不是这类芯片的固件，或您的配置已超出芯片的容量。",
  },
  "image-corrupt": {
    seen: "文件自带的某个校验和不符，或文件提前结束。",
    means: "它在存到磁盘之前就已损坏。如果烧录进去，将无法启动。",
  },
  "image-name-mismatch": {
    seen: "文件名中的芯片、类型或地址与内容所说的不同。",
    means: "文件被改过名，或与别的文件弄混了。两者哪个正确，只有您知道。",
  },
  "image-wrong-chip": {
    seen: "文件所属的芯片型号，不能在实际连接的芯片上运行。",
    means: "如果烧录进去，将无法启动。",
  },
  "image-chip-unknown": {
    seen: "文件中的引导代码、文字和各种位置不属于本程序已知的任何芯片，或者同时符合好几种。",
    means: "其他芯片的固件同样会被写入并通过校验，却无法启动。文件名不能作为证据。",
  },
  "image-wrong-key": {
    seen: "文件中应用程序的密钥，与芯片自己的代码或熔丝所显示的密钥不同。",
    means: "它会毫无差错地写入，却永远无法启动。见[密钥](#密钥)。",
  },
  "image-wrong-offset": {
    seen: "给出的地址，或文件中的地址，不是这类文件应放的位置。",
    means: "放错位置就无法启动，还会覆盖别的内容。",
  },
  "image-needs-offset": {
    seen: "文件的内容和名称都没有说明它是什么、应放在何处。",
    means: "多半是拿错了构建产物。任何内容都可以写到您指定的位置，但其中没有任何东西可以检查。",
  },
  "image-ota-only": {
    seen: "该文件是 OTA 升级用的容器。",
    means: "这种文件由运行中的固件解包，芯片无法用它启动。同一构建中另有用于串口的文件。",
  },
  "image-not-flashable": {
    seen: "该文件是链接器的原始输出、空白的闪存副本、别的设备的固件，或缺少可通过串口写入的部分。",
    means: "文件已识别，但其中没有应当写入芯片的内容。",
  },
  "image-foreign": {
    seen: "内容是压缩包、网页、文本、图片、程序，或被当作文本处理过的二进制文件。",
    means: "下载得到的是网页而不是文件、压缩包没有解压，或复制时用了文本模式。它不会写到任何地址。",
  },
  "no-settings": {
    seen: "已在文件中查找 Tuya 固件和 OpenBeken 的设置。",
    means: "文件是空白的、结束得太早、是在烧录其他固件之后读出的，或该设备的接线写在厂商程序里。消息中给出唯一的原因。",
  },
  "partition-not-found": {
    seen: "引导代码的分区表和文件内容中都没有这个名称的分区，或该区段在文件末尾之后。",
    means: "名称以 inspect 显示的为准。",
  },
  "image-not-readable": {
    seen: "该区段没有代码、升级包或设置，或其密钥未知，或内容已损坏。",
    means: "可以按闪存中的原样提取。",
  },
  "approval-missing": {
    seen: "助手请求了一次写入，但没有人同意其计划：没有使用该代码的待批准计划、十分钟已过、回答为否，或命令不是在终端中运行的。",
    means: "没有写入任何内容。代您行事的程序只能制定计划，只有您能批准。",
  },
  "elf-unusable": {
    seen: "随日志指定的文件不是这种处理器的 ELF 文件、没有符号，或其构建时间与崩溃的固件不同。",
    means: "崩溃的地址只在崩溃的那一次构建中有意义，在其他构建中没有意义。",
  },
  "manifest-invalid": {
    seen: "备份旁边的 .json 文件无法作为本程序的清单文件读取。",
    means: "它被编辑过、被截断，或由更新的版本写成。",
  },
  "backup-damaged": {
    seen: "备份的 CRC 与清单文件中记录的不同。",
    means: "文件在从芯片读出之后被改动过。如果写回，损坏也会写进芯片。",
  },
  "backup-worthless": {
    seen: "备份是空白的、全为零，或既没有引导代码也没有应用程序。",
    means: "它来自一次无人察觉的读取失败。闪存中是这些内容的设备无法启动。",
  },
  "backup-not-a-dump": {
    seen: "该文件是用于某个地址的固件，或长度与任何闪存都不符，旁边也没有清单文件。",
    means:
      "恢复会把每个字节写到它在文件中的地址。固件会因此偏低 0x11000 字节而无法启动；" +
      "被截断的备份，余下部分仍会是另一个固件的内容。",
  },
  "backup-refused": {
    seen: "写入之前读出的备份是空白的、全为零，或既没有引导代码也没有应用程序。",
    means: "没有终端时，无人能确认它本来就是这样。芯片未被改动。",
  },
  "backup-unsound": {
    seen: "备份的应用程序，或一并恢复的引导代码中，CRC-16 块或 RBL 头部的校验和不符。",
    means: "文件在读出之后损坏了，或者设备自己的闪存当时就已损坏：恢复出来的内容可能无法启动。",
  },
  "backup-other-device": {
    seen: "之前那份备份的 MAC 地址或校准数据与本设备不同、没有、或与许多设备相同，或者备份不是整块闪存的。",
    means: "只有校准数据和设备自己的 MAC 地址能把它与同类设备区分开，因此不会从该备份中取用任何内容。",
  },
  "plan-out-of-range": {
    seen: "范围超出了闪存的末尾。",
    means: "超出末尾的地址会绕回开头，也就是引导代码所在之处，所以什么都没有发送。",
  },
  "plan-overlap": {
    seen: "文件中两个各自完好的部分，要写到相同的地址。",
    means: "其中一个会毁掉另一个。手工拼接的文件常常如此。",
  },
  "plan-touches-bootloader": {
    seen: "任务涉及 0x011000 以下的地址。",
    means:
      "那里是引导代码。在没有 ROM 加载程序的芯片上，应答烧录工具的也是它：一旦丢失，只能拆下闪存芯片，" +
      "或用编程夹来写入。",
  },
  "bootloader-not-confirmed": {
    seen: "输入的内容，或 --allow-bootloader 后面给出的内容，不是正在应答的芯片的名称。",
    means:
      "只有在引导代码的副本已保存并核对，并且输入了芯片名称之后，才会改动引导代码：要写 BK7231N，而不是 bk7231n。" +
      "在无法询问的场合，名称必须随命令给出。没有任何改动。",
  },
  "plan-touches-calibration": {
    seen: "任务涉及射频校准数据和 MAC 地址所在的扇区。",
    means: "这两项是在工厂里为这台设备实测的，任何下载都无法找回。",
  },
  "plan-would-not-start": {
    seen: "从闪存和文件来看，执行计划之后，引导代码或应用程序会缺失、损坏、属于另一种芯片或使用另一个密钥。",
    means:
      "写入和校验都会完全成功，而设备却毫无反应。在带引导 ROM 的芯片上，丢失的引导代码可以用同样的接线找回来；" +
      "见[不能启动的设备](#不能启动的设备)。没有任何改动。",
  },
  "plan-misaligned": {
    seen: "起始地址或长度不是 4096 的整数倍。",
    means: "闪存会擦除比所要求的更多的内容，所以什么都没有发送。",
  },
  "plan-empty": {
    seen: "范围中没有字节，或文件中没有要写的内容。",
    means: "没有执行任何操作。",
  },
  "file-not-found": {
    seen: "没有这个名称的文件或文件夹。",
    means: "输入有误，或构建没有完成。",
  },
  "file-exists": {
    seen: "已经有这个名称的文件。",
    means: "烧录工具从不替换文件：它可能是您设备固件的唯一副本。",
  },
  "file-access": {
    seen: "操作系统拒绝读取或写入该文件，或磁盘没有保存所写的内容。",
    means: "缺少权限，名称太长，或该处是文件夹而不是文件。",
  },
  "file-not-stored": {
    seen: "操作系统没有空间存放该文件，或文件系统以只读方式挂载。",
    means: "任务在丢失任何内容之前就结束了。到那时为止已保存的内容会在下次运行时使用。",
  },
  cancelled: {
    seen: "您停止了任务，或按了 Ctrl-C。",
    means: "会先完成正在进行的擦除和写入。消息中会说明闪存停留在什么状态。",
  },
  internal: {
    seen: "发生了其他错误代码都没有描述的情况。",
    means: "这是本程序的错误。详细信息见日志。",
  },
};
