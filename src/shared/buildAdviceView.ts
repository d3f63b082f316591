/** What the project of a build should know of the chip, as views show it. */
import type { Say } from "../core/base/words";
import type { BuildAdvice } from "../core/plan/buildAdvice";

export interface AdviceView {
  /** Lines of ESPHome YAML for the next build; empty where it fits already. */
  readonly yaml: readonly string[];
  readonly updates?: { readonly works: "yes" | "no" | "unknown"; readonly why: string } | undefined;
}

/** undefined where there is nothing to say. */
export function toAdviceView({ yaml, updates }: BuildAdvice, say: Say): AdviceView | undefined {
  if (yaml.length === 0 && !updates) return undefined;
  return { yaml, updates: updates && { works: updates.works, why: say(updates.words) } };
}
