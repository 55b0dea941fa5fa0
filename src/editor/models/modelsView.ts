import * as vscode from "vscode";
import { modelGroups, type LibraryState, type ModelGroup, type ModelRow } from "../../core/models/modelList";
import type { Disposable } from "../../core/util/dispose";

/** The view's id in package.json. */
export const MODELS_VIEW_ID = "ghostlight.models";

/** What the view shows. */
export interface ModelsViewParts {
  readonly state: () => LibraryState;
  readonly onChange: (listener: () => void) => Disposable;
  /** The view came into sight for the first time: the time to look at the machine. */
  readonly onFirstSight: () => void;
}

type Row = ModelGroup | ModelRow;

/** Shows the list of models, drawn anew at most twice a second while something is under way. */
export function createModelsView(parts: ModelsViewParts): vscode.Disposable {
  const changed = new vscode.EventEmitter<undefined>();
  let drawn: NodeJS.Timeout | undefined;
  const rows: vscode.TreeDataProvider<Row> = {
    onDidChangeTreeData: changed.event,
    getChildren: (row) => (row === undefined ? modelGroups(parts.state()) : "rows" in row ? [...row.rows] : []),
    getTreeItem: (row) => ("rows" in row ? groupItem(row) : rowItem(row)),
  };
  const view = vscode.window.createTreeView(MODELS_VIEW_ID, { treeDataProvider: rows });
  let seen = false;
  const look = (): void => {
    if (!view.visible || seen) return;
    seen = true;
    parts.onFirstSight();
  };
  look();
  return vscode.Disposable.from(view, changed, view.onDidChangeVisibility(look), parts.onChange(() => {
    drawn ??= setTimeout(() => {
      drawn = undefined;
      changed.fire(undefined);
    }, 500);
  }), { dispose: () => { clearTimeout(drawn); } });
}

function groupItem({ label }: ModelGroup): vscode.TreeItem {
  const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.Expanded);
  item.id = `group:${label}`;
  return item;
}

function rowItem(row: ModelRow): vscode.TreeItem {
  const item = new vscode.TreeItem(row.label);
  item.id = row.key;
  item.description = row.description;
  item.tooltip = row.tooltip;
  item.iconPath = new vscode.ThemeIcon(row.icon);
  item.contextValue = [row.kind, ...(row.uses ?? [])].join(" ");
  item.accessibilityInformation = { label: `${row.label}, ${row.description}` };
  return item;
}
