import ts from "typescript";

/** A file of the project. `path` is relative to the root, with `/`. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

export interface Place {
  readonly name: string;
  /** 1-based. */
  readonly line: number;
}

/** What the rules need to know about a file, found by the TypeScript parser. Names, not types: no program is built. */
export interface SourceFacts {
  readonly path: string;
  readonly lines: number;
  /** Module names of static, type-only and dynamic imports, `require`, `export from` and `import()` types. */
  readonly imports: readonly Place[];
  /** `import(...)` or `require(...)` of something that is not a literal. */
  readonly computedImports: readonly Place[];
  /** Identifiers that are used and that the file does not declare: globals. */
  readonly globals: readonly Place[];
  /** Names that are called, declared as methods or functions, as in `a.name()` and `name() {}`. */
  readonly callables: readonly Place[];
  readonly interfaces: readonly Place[];
  readonly classes: readonly Place[];
  /** Names of types that a value is said to have, as in `value as Name`. */
  readonly assertions: readonly Place[];
  /** Variables of the module that can be assigned again. */
  readonly moduleVariables: readonly Place[];
  /** Comments that switch a rule of lint or of the compiler off. */
  readonly suppressions: readonly Place[];
  /** `/// <reference lib="..." />`. */
  readonly libraries: readonly string[];
}

type Kind = "imports" | "computedImports" | "uses" | "declared" | "callables" | "interfaces" | "classes" | "assertions";
type Collected = Record<Kind, Place[]>;

/** Parses one file. A file with syntax errors still gives the facts that can be read. */
export function readFacts(file: SourceFile): SourceFacts {
  const source = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true);
  const found: Collected = { imports: [], computedImports: [], uses: [], declared: [], callables: [], interfaces: [], classes: [], assertions: [] };
  visit(source, (kind, node, name) => found[kind].push({ name, line: lineOf(source, node) }));
  const declared = new Set(found.declared.map((place) => place.name));
  return {
    path: file.path,
    lines: file.text.split("\n").length - (file.text.endsWith("\n") ? 1 : 0),
    ...found,
    globals: found.uses.filter((place) => !declared.has(place.name)),
    moduleVariables: moduleVariables(source),
    suppressions: suppressions(file.text),
    libraries: source.libReferenceDirectives.map((reference) => reference.fileName),
  };
}

type Report = (kind: Kind, node: ts.Node, name: string) => void;

function visit(node: ts.Node, report: Report): void {
  reportImport(node, report);
  reportDeclaration(node, report);
  if (ts.isIdentifier(node) && isUse(node)) report("uses", node, node.text);
  if (ts.isCallExpression(node)) {
    const name = lastName(node.expression);
    if (name !== undefined) report("callables", node, name);
  }
  ts.forEachChild(node, (child) => visit(child, report));
}

function reportImport(node: ts.Node, report: Report): void {
  if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
    report("imports", node, node.moduleSpecifier.text);
  }
  if (ts.isExternalModuleReference(node) && ts.isStringLiteral(node.expression)) report("imports", node, node.expression.text);
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
    report("imports", node, node.argument.literal.text);
  }
  if (!ts.isCallExpression(node)) return;
  const isImport = node.expression.kind === ts.SyntaxKind.ImportKeyword || node.expression.getText() === "require";
  const argument = node.arguments[0];
  if (!isImport || argument === undefined) return;
  if (ts.isStringLiteralLike(argument)) report("imports", node, argument.text);
  else report("computedImports", node, argument.getText());
}

function reportDeclaration(node: ts.Node, report: Report): void {
  if (ts.isInterfaceDeclaration(node)) report("interfaces", node, node.name.text);
  if (ts.isClassDeclaration(node) && node.name) report("classes", node, node.name.text);
  if (ts.isAsExpression(node) || ts.isTypeAssertionExpression(node)) reportAssertion(node, node.type, report);
  if ((ts.isMethodDeclaration(node) || ts.isMethodSignature(node) || ts.isFunctionDeclaration(node)) && node.name) {
    report("callables", node, node.name.getText());
  }
  const name = declaredName(node);
  if (name !== undefined) report("declared", node, name);
}

/** Every name in the type: what is inside of a union or a generic is claimed as well. */
function reportAssertion(node: ts.Node, type: ts.Node, report: Report): void {
  if (ts.isIdentifier(type)) report("assertions", node, type.text);
  ts.forEachChild(type, (child) => reportAssertion(node, child, report));
}

/** The name that a node brings into a scope, if any. Properties and methods bring none. */
function declaredName(node: ts.Node): string | undefined {
  const declares =
    ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isBindingElement(node) || ts.isFunctionDeclaration(node) ||
    ts.isFunctionExpression(node) || ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) ||
    ts.isEnumDeclaration(node) || ts.isImportSpecifier(node) || ts.isNamespaceImport(node) || ts.isImportClause(node) ||
    ts.isTypeParameterDeclaration(node) || ts.isImportEqualsDeclaration(node);
  return declares && node.name && ts.isIdentifier(node.name) ? node.name.text : undefined;
}

/** Whether an identifier refers to something in scope, rather than naming a property or a declaration. */
function isUse(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent) || ts.isPropertyAssignment(parent)) return parent.name !== node;
  if (ts.isQualifiedName(parent)) return parent.right !== node;
  if (ts.isBindingElement(parent)) return parent.initializer === node;
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent)) return false;
  if (ts.isPropertySignature(parent) || ts.isPropertyDeclaration(parent) || ts.isMethodDeclaration(parent) || ts.isMethodSignature(parent)) return parent.name !== node;
  if (ts.isAccessor(parent) || ts.isEnumMember(parent) || ts.isNamedTupleMember(parent)) return parent.name !== node;
  if (ts.isParameter(parent) || ts.isVariableDeclaration(parent)) return parent.name !== node;
  return !ts.isMetaProperty(parent) && !ts.isLabeledStatement(parent) && !ts.isBreakOrContinueStatement(parent);
}

function lastName(expression: ts.Expression): string | undefined {
  if (ts.isIdentifier(expression)) return expression.text;
  return ts.isPropertyAccessExpression(expression) ? expression.name.text : undefined;
}

function moduleVariables(source: ts.SourceFile): Place[] {
  return source.statements.filter(ts.isVariableStatement)
    .filter((statement) => (statement.declarationList.flags & ts.NodeFlags.Const) === 0)
    .flatMap((statement) => statement.declarationList.declarations)
    .map((declaration) => ({ name: declaration.name.getText(), line: lineOf(source, declaration) }));
}

function suppressions(text: string): Place[] {
  return text.split("\n").flatMap((content, index) => {
    const name = /(?:\/\/|\/\*|^\s*\*)\s*(eslint-disable|eslint-enable|@ts-ignore|@ts-nocheck|@ts-expect-error)\b/.exec(content)?.[1];
    return name === undefined ? [] : [{ name, line: index + 1 }];
  });
}

function lineOf(source: ts.SourceFile, node: ts.Node): number {
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
}
