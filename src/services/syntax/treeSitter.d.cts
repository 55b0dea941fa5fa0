export { Language, Parser, Query } from "web-tree-sitter";
