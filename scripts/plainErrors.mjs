// Imported by scripts that people start: what goes wrong is told in its own words, without the places in the code that it came by.
process.on("uncaughtException", (error) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
