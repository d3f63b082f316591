// Tells Stryker what not to change: sentences, which other tests hold in two languages. Strings as such are left out by its own options.
export const IGNORER = "sentences";

class Sentences {
  shouldIgnore(path) {
    return path.isTaggedTemplateExpression() ? "a sentence" : undefined;
  }
}

export const strykerPlugins = [{ kind: "Ignore", name: IGNORER, injectableClass: Sentences }];
