/** The languages there are, the one that the sources are written in first. A new one is its folder and a line here. */
import { ENGLISH } from "./en/english";
import type { Language } from "./language";
import { CHINESE } from "./zh-cn/chinese";

export const LANGUAGES: readonly Language[] = [ENGLISH, CHINESE];
