// Required by mocha: once every test has ended, a process that stays is ended, and what it waits for is named. Not to end by itself counts
// as a failure.
const EXIT_GRACE_MS = 5_000;

exports.mochaHooks = {
  afterAll() {
    setTimeout(() => {
      console.log(`The tests ended, but something is still open: ${process.getActiveResourcesInfo().join(", ")}`);
      process.exit(1);
    }, EXIT_GRACE_MS).unref();
  },
};
