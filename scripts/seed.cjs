// Required by mocha before any test: property tests draw the same cases every time, so that a failure is a failure everywhere.
// SEED=random explores, SEED=n replays.
const fc = require("fast-check");
const { SEED = "7231" } = process.env;
if (SEED !== "random") fc.configureGlobal({ seed: Number(SEED) });
