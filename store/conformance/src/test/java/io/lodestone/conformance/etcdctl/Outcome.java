package io.lodestone.conformance.etcdctl;

/** What a command left behind. Immutable. */
record Outcome(int exitCode, String output, String errors) {
  @Override
  public String toString() {
    return "exit code " + exitCode + "\n--- output\n" + output + "\n--- errors\n" + errors;
  }
}
