/** The only door of the core: what callers (command line, extension) may use. Everything else is internal. */
export * from "./base/errors";
export { insteadOf, remedyFor, surroundingSteps, type Remedy, type TranslateRemedy } from "./base/remedies";
export { GUIDE_PATH, guideAnchor, guidePaths, guideUrl } from "./base/guideLinks";
export { statusWords } from "./base/statusBytes";
export { TRACE_HEAD, silentLog, traceLine, type CoreLog } from "./base/coreLog";
export { systemClock, type Clock } from "./base/timing";
export { english, fillIn, listed, sayBy, words, type Say, type Text, type Words } from "./base/words";
export { visible, visibleLines, withoutHidden } from "./base/visible";
export { concat, equalBytes, hex32, hexAddress } from "./base/bytes";
export { crc32 } from "./base/checksum";
export type { Range } from "./base/ranges";
export type { ChipId, ChipIdentity, FlashLayout, KeyKind, LoaderFamily, Partition } from "./beken/chips/types";
export type { StartReason, StartVerdict } from "./beken/chips/startVerdict";
export { describeIdentity, type IdentityLine } from "./beken/chips/describeIdentity";
export { detectImage } from "./beken/images/detect";
export type { NamedFile } from "./beken/images/namedFile";
export { fileAlone, imageOf, recogniseFile } from "./beken/images/recogniseFile";
export { foreignContent } from "./beken/images/foreignContent";
export type { ArchiveKind } from "./beken/images/foreignKinds";
export { tarFiles } from "./beken/images/tar";
export { parseFileName, type NameClaims, type NamedKind } from "./beken/images/fileName";
export { readUf2Head, UF2_HEAD, type Uf2Head } from "./beken/images/uf2Head";
export { canRekey, type RekeyVerdict } from "./beken/images/rekey";
export { boardOverrides, libreTinyYaml, optionLines } from "./plan/libreTinyYaml";
export { inspectImage } from "./beken/images/inspect";
export { FORMAT_WORDS } from "./beken/images/formatWords";
export type { FirmwareImage, ImageCheck, ImageFormatId, Refusal, Segment } from "./beken/images/firmwareImage";
export type { Doubt, DoubtCode } from "./plan/doubt";
export type { FlashPlan } from "./plan/flashPlan";
export { figuresOf, type JobFigures, type WriteFigures } from "./plan/jobFigures";
export { isAboutBootCode } from "./plan/startability";
export { misfitOf, preservedSectors } from "./plan/planWrite";
export { judgeDump, type DumpFinding, type DumpJudgement } from "./backup/judgeDump";
export {
  buildManifest,
  checkManifest,
  compareDevices,
  deviceMark,
  formatManifest,
  isMarked,
  manifestName,
} from "./backup/manifest";
export type { BackupManifest, BaseBackup, DeviceMark, ManifestCheck } from "./backup/manifest";
export { assertUnchanged, basesFor, servesAsBase } from "./backup/baseBackup";
export { parseManifest } from "./backup/parseManifest";
export { assertRestorable, planRestore } from "./backup/planRestore";
export type { RestoreDump, RestoreOptions, RestorePlan, RestoreTarget, RestoreWarning } from "./backup/restorePlan";
export {
  readBlockLine,
  readJournalDevice,
  resumeRead,
  startReadJournal,
  wholeOf,
  type ReadBlock,
  type ReadResume,
} from "./backup/readJournal";
export { boardFor } from "./passport/modules";
export { BOARDS, findBoard, type BoardProfile } from "./beken/chips/boards";
export { CHIPS } from "./beken/chips/chips";
export { STRICTEST, geometryOf } from "./beken/chips/strictGeometry";
export { formatCoefficients } from "./beken/chips/keys";
export { findLayout, usualLayout } from "./beken/chips/layouts";
export type { Coefficients } from "./beken/chips/types";
export { downloadPartition } from "./plan/updatePackage";
export { passportOf, type Passport } from "./passport/passport";
export type { FoundSettings } from "./passport/deviceSettings";
export { OPENBEKEN_ROLES } from "./passport/openBekenRoles";
export { plainOf } from "./passport/plain";
export { extract } from "./passport/extract";
export type { BuildAdvice } from "./plan/buildAdvice";
export { buildFacts, type BuildFacts } from "./plan/buildFacts";
export { patchForBoard, updateAdvice, updateDevice, type UpdateAdvice, type UpdateDevice } from "./plan/updateAdvice";
export { differencesBetween, type Difference } from "./passport/compareDumps";
export { needleOf, searchBytes, type Needle } from "./passport/byteSearch";
export { isPrivateKind, privateRanges, secretsIn } from "./passport/privateRanges";
export { summaryOf, type PassportSummary } from "./passport/summary";
export { shiftOf, straighten, FLASH_SIZES } from "./beken/images/shift";
export { partOfDump } from "./beken/images/partOfDump";
export { verbsOf, type FileVerbs } from "./backup/fileVerbs";
export { firmwareIn, firstSteps, type FirstSteps } from "./passport/firstSteps";
export { logWire, readLogSettings, type LogSettings, type LogWire } from "./passport/logWire";
export { askForSettings, settingsAgree } from "./backup/settingsArea";
export {
  doneLine,
  erasingLine,
  keptByWrite,
  mayBeLifted,
  mayHaveKept,
  newerLine,
  provenByWrite,
  planFingerprint,
  processOf,
  protectionLifted,
  protectionLine,
  resumeWrite,
  startWriteJournal,
  type WriteResume,
} from "./backup/writeJournal";
export type { LiftedInDoubt } from "./driver/liftedProtection";
export { scrub } from "./backup/scrub";
export { parsePort, formatPort, shownPort } from "./transport/portRef";
export { ADAPTERS, adapterKey } from "./transport/adapters";
export { openWebSerial, type WebSerialPort } from "./transport/webSerial";
export { bridgeSurroundings } from "./transport/bridges";
export { openTransport } from "./transport/open";
export { portFinder } from "./transport/portFinder";
export { listPorts, surroundings } from "./transport/serial";
export type { ControlLines, PortFinder, PortInfo, PortRef, Transport, TransportFactory } from "./transport/transport";
export { nameToType } from "./driver/bootloaderToken";
export { FlasherSession } from "./jobs/flasherSession";
export { keptRequest, type KeptRequest, type ResumableKind } from "./jobs/keptRequest";
export { runInSession, runJob, type JobPlace } from "./jobs/job";
export {
  isWorthKeeping,
  readRateMemory,
  rememberRate,
  speedHints,
  type ProvenRate,
  type RateMemory,
} from "./driver/rates";
export { readLineState, type LineMemory, type LineState } from "./driver/lineMemory";
export { linesAtRest, readAdapterResets, type AdapterResets, type ResetMemory } from "./driver/resetMemory";
export { RESET_STRATEGIES, chosenResets, type ChosenResets, type ResetStrategy } from "./transport/resetStrategies";
export type * from "./jobs/events";
export type { StartCheck, StartCheckKind } from "./jobs/judgeStart";
export { BootWatch, judgeLog } from "./monitor/bootWatch";
export type { BootVerdict, BootVerdictKind, VerdictContext, VerdictLine } from "./monitor/bootVerdict";
export { decodeCrash, isOfBuild, type CrashPlace } from "./monitor/decodeCrash";
export { wasThumb, type CrashDump } from "./monitor/crashDump";
export { readElf, type ElfFile } from "./monitor/elfFile";
export { readableName } from "./monitor/symbolName";
export { LogMask } from "./monitor/logMask";
export type { LogLine } from "./monitor/logLines";
export { readUntilVerdict, type LogReading } from "./monitor/logReading";
export { LOG_SPEEDS, USUAL_SPEED } from "./monitor/logSpeeds";
export { findSpeed } from "./monitor/speedSearch";
export { PortLog, type PortLogDeps, type PortLogEvent } from "./monitor/portLog";
export { flashedOf, runRound, type RoundBook, type RoundFlashed, type RoundLine, type RoundNews } from "./round/round";
export { devicesDone, latestOf } from "./round/roundRules";
export {
  assertLedgerOf,
  countsOf,
  formatLedger,
  isDone,
  ledgerTable,
  parseLedger,
  sha256,
  unusable,
  withEntry,
  type RoundEntry,
  type RoundFile,
  type RoundLedger,
  type RoundResult,
  type RoundRules,
} from "./round/roundLedger";
export { PortLeases, type PortHolder } from "./transport/portLease";
