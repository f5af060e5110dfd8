package io.lodestone.backup.config;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What an agent is told to do. Immutable; prints without secrets.
 *
 * @param agentId under which other agents see this one; different for each of them
 * @param listen where metrics and health are served; empty for nowhere
 * @param spoolDirectory where snapshots and backlogs are kept meanwhile
 * @param clusters each name once
 */
public record AgentConfig(
    String agentId,
    Optional<InetSocketAddress> listen,
    Path spoolDirectory,
    List<ClusterPlan> clusters) {
  public AgentConfig {
    clusters = List.copyOf(clusters);
  }
}
