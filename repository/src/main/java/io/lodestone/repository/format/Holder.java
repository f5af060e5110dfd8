package io.lodestone.repository.format;

/**
 * Who writes: named to the operator of a second agent that finds the repository taken. Immutable.
 *
 * @param agentId chosen by the operator or made once; the same after a restart
 * @param pid process id on {@code host}
 */
public record Holder(String agentId, String host, long pid) {
  @Override
  public String toString() {
    return "agent " + agentId + " on " + host + " (process " + pid + ")";
  }
}
