// A mocha reporter for `npm test`: a line for each top-level suite, failures in full at the end, and the counts
// written as JSON to the file named by the reporter option `counts`.
import { writeFileSync } from "node:fs";
import Mocha from "mocha";

export default class CountingReporter extends Mocha.reporters.Base {
  constructor(runner, options) {
    super(runner, options);
    const counts = { passed: 0, failed: 0, skipped: 0 };
    const save = () => writeFileSync(options.reporterOptions.counts, JSON.stringify(counts));
    let current;
    runner.on("suite", (suite) => {
      if (suite.parent?.root === true) current = { title: suite.title, began: Date.now(), passed: 0, failed: 0 };
    });
    runner.on("pass", () => {
      counts.passed++;
      if (current !== undefined) current.passed++;
    });
    runner.on("pending", () => counts.skipped++);
    runner.on("fail", (test) => {
      counts.failed++;
      if (current !== undefined) current.failed++;
      console.log(`    FAILED ${test.fullTitle()}`);
    });
    runner.on("suite end", (suite) => {
      if (suite.parent?.root !== true || current === undefined) return;
      const total = current.passed + current.failed;
      const seconds = ((Date.now() - current.began) / 1000).toFixed(1);
      console.log(
        `  ${current.failed === 0 ? "ok    " : "FAILED"} ${current.title}: ${current.passed} of ${total}, ${seconds} s`,
      );
      current = undefined;
    });
    runner.on("end", () => {
      if (this.failures.length > 0) Mocha.reporters.Base.list(this.failures);
      save();
    });
  }
}
