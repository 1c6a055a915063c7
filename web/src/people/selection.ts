// Who is meant: some by name, or all who match less a few. Pure.

export interface Person {
  id: string;
  displayName: string;
  email: string;
  status: string;
  invitation?: { id: string; status: string } | null;
}

export type Selection = { kind: "some"; people: ReadonlyMap<string, Person> } | { kind: "all"; except: ReadonlySet<string> };

export const NOBODY: Selection = { kind: "some", people: new Map() };
export const EVERYBODY: Selection = { kind: "all", except: new Set() };

export function isSelected(selection: Selection, id: string): boolean {
  return selection.kind === "all" ? !selection.except.has(id) : selection.people.has(id);
}

export function set(selection: Selection, people: readonly Person[], isOn: boolean): Selection {
  if (selection.kind === "all") {
    const except = new Set(selection.except);
    for (const { id } of people) {
      if (isOn) except.delete(id);
      else except.add(id);
    }
    return { kind: "all", except };
  }
  const chosen = new Map(selection.people);
  for (const person of people) {
    if (isOn) chosen.set(person.id, person);
    else chosen.delete(person.id);
  }
  return { kind: "some", people: chosen };
}

export const toggle = (selection: Selection, person: Person) => set(selection, [person], !isSelected(selection, person.id));

/** How many they are, of so many that match. */
export function count(selection: Selection, matching: number): number {
  return selection.kind === "all" ? Math.max(0, matching - selection.except.size) : selection.people.size;
}

export function boxState(selection: Selection, matching: number): "on" | "off" | "some" {
  const chosen = count(selection, matching);
  if (chosen === 0) return "off";
  return selection.kind === "all" && selection.except.size === 0 ? "on" : "some";
}
