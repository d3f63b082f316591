/** Questions that running jobs wait with, and their answers from whichever surface gives one first. Knows no questions. */

export class PendingQuestions {
  private readonly waiting = new Map<string, (yes: boolean) => void>();

  /** Asks by calling `fire`; a job that is aborted has its answer: no. */
  async ask(jobId: string, signal: AbortSignal, fire: () => void): Promise<boolean> {
    let no = (): void => undefined;
    const answer = new Promise<boolean>((resolve) => {
      no = () => resolve(false);
      this.waiting.set(jobId, resolve);
      signal.addEventListener("abort", no);
      if (signal.aborted) no();
    });
    fire();
    try {
      return await answer;
    } finally {
      signal.removeEventListener("abort", no);
      this.waiting.delete(jobId);
    }
  }

  /** Later answers count for nothing. */
  give(jobId: string, yes: boolean): void {
    this.waiting.get(jobId)?.(yes);
  }
}
