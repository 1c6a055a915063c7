import { Component, type ReactNode } from "react";
import { Failure } from "../design/states.tsx";

const BROKEN = { kind: "refused", message: "", code: "INTERNAL", requestId: null, retryAfter: null, permission: null } as const;

/** What cannot be drawn is told in its place, and may be tried again: without this, one mistake of ours would leave an empty page. */
export class Broken extends Component<{ children: ReactNode }, { isBroken: boolean }> {
  override state = { isBroken: false };

  static getDerivedStateFromError() {
    return { isBroken: true };
  }

  override render() {
    return this.state.isBroken ? <Failure trouble={BROKEN} onRetry={() => this.setState({ isBroken: false })} /> : this.props.children;
  }
}
