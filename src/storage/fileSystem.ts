/**
 * The one seam between what is stored and where: Node's disk (`nodeFileSystem.ts`), or what the editor keeps files in. A path is
 * text that only its file system can take apart. What it throws bears a `code` in the words of POSIX, whatever it is made of.
 */

/** What is known of a file or a folder. */
export interface FileStat {
  readonly kind: "file" | "folder" | "other";
  /** Bytes. */
  readonly size: number;
  /** When it was last written to, milliseconds since 1970. */
  readonly changed: number;
}

/** A file that is added to while a job runs. */
export interface GrowingFile {
  /**
   * @param at offset in bytes; left out, the end of the file
   * @param flush whether it must survive a power cut before this returns
   */
  write(bytes: Uint8Array, flush: boolean, at?: number): Promise<void>;
  /** It counts as written to just now, so that others see that it is in use. */
  touch(): Promise<void>;
  close(): Promise<void>;
}

/** Who may read a file, where a file system has a say in it. */
export interface Modes {
  /** The first bytes of a file; none of a link, of what is no file, and of what cannot be read. */
  head(path: string, length: number): Promise<Uint8Array>;
  /** Takes from everybody but its owner what they may do with a file or folder. What a link leads to stays as it is. */
  close(path: string): Promise<void>;
  /** A folder that is this program's, whatever a person has put there. */
  isOurs(folder: string): boolean;
}

export interface FileSystem {
  readonly modes?: Modes;

  /** `name` in `folder`; the name may be several with `/` between them. */
  join(folder: string, name: string): string;
  folderOf(path: string): string;
  /** The last part of the path. */
  nameOf(path: string): string;

  /** @throws `ENOENT` and others */
  read(path: string): Promise<Uint8Array>;
  /** @throws `ENOENT` and others */
  stat(path: string): Promise<FileStat>;
  /** Names of what is in a folder, folders too. @throws `ENOENT` and others */
  list(folder: string): Promise<readonly string[]>;
  /** A new file, mode 0600, its bytes flushed. Killed on the way, it may be there in part. @throws `EEXIST` and others */
  write(path: string, bytes: Uint8Array): Promise<void>;
  /**
   * Gives a file that {@link write} has made its name, which only one of several that race gets; survives a power cut. Its
   * former name may be left.
   * @throws `EEXIST` where the name is taken, and others
   */
  publish(from: string, to: string): Promise<void>;
  /** The same, in place of what has the name: at any moment the one or the other can be read. */
  replace(from: string, to: string): Promise<void>;
  /** To add to its end; made where it is not there. */
  openToAppend(path: string): Promise<GrowingFile>;
  /**
   * To write at offsets.
   * @param isNew mode 0600; `EEXIST` where it is there. Otherwise `ENOENT` where it is not
   */
  openToPatch(path: string, isNew: boolean): Promise<GrowingFile>;
  /** Also where it is not there. */
  remove(path: string): Promise<void>;
  /** What is missing above it too, mode 0700. @throws `EEXIST` where a file has its name, and others */
  createFolder(path: string): Promise<void>;
  /** @throws `EACCES`, `EROFS`, `ENOENT` where nothing can be created in the folder, as far as can be told before it is tried */
  assertWritable(folder: string): Promise<void>;
}
