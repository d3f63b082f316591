/** What a reply that refuses is told as: a plain error, or one that says what a damaged command may have done. */
import { ProtocolError } from "../../base/errors";
import { words, type Text } from "../../base/words";
import type { CommandName } from "../chips/types";
import type { ReplyFailure } from "./replies";
import { addressEchoed, burnsFuse } from "./resyncFiller";

/** What a reply that refuses, or is not what was asked for, is told as. */
export function failureOf(name: CommandName, failure: ReplyFailure, doing: Text): ProtocolError {
  const { code, reason, status, echoed } = failure;
  if (echoed && burnsFuse(name, echoed))
    return new ProtocolError("stray-write", doing, { detail: words`${reason}: a fuse may have been burned` });
  const elsewhere = echoed && addressEchoed(name, echoed);
  return new ProtocolError(code, doing, {
    detail: reason,
    ...(status !== undefined && { status }),
    ...(elsewhere !== undefined && { elsewhere }),
  });
}
