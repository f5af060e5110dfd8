package io.lodestone.migrate;

import com.fasterxml.jackson.databind.JsonNode;
import io.lodestone.migrate.journal.Phase;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * How far the replay is. Immutable.
 *
 * @param replayedPerSecond revisions, over the last seconds
 * @param writtenPerSecond revisions of the source, likewise
 * @param fallingBehind whether the source writes faster than the destination can follow
 */
public record MigrationStatus(
    Instant at,
    Phase phase,
    long sourceRevision,
    long destinationRevision,
    double replayedPerSecond,
    double writtenPerSecond,
    int leases,
    boolean fallingBehind) {

  public long lagRevisions() {
    return Math.max(0, sourceRevision - destinationRevision);
  }

  /** When the destination has what the source has, at these rates; empty for never. */
  public OptionalLong secondsToCatchUp() {
    if (lagRevisions() == 0) {
      return OptionalLong.of(0);
    }
    double closedPerSecond = replayedPerSecond - writtenPerSecond;
    return closedPerSecond > 0
        ? OptionalLong.of((long) Math.ceil(lagRevisions() / closedPerSecond))
        : OptionalLong.empty();
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("at", at.toString());
    map.put("phase", phase.name());
    map.put("sourceRevision", sourceRevision);
    map.put("destinationRevision", destinationRevision);
    map.put("replayedPerSecond", replayedPerSecond);
    map.put("writtenPerSecond", writtenPerSecond);
    map.put("leases", leases);
    map.put("fallingBehind", fallingBehind);
    return map;
  }

  static MigrationStatus of(JsonNode json) {
    return new MigrationStatus(
        Instant.parse(json.path("at").asText()),
        Phase.valueOf(json.path("phase").asText()),
        json.path("sourceRevision").asLong(),
        json.path("destinationRevision").asLong(),
        json.path("replayedPerSecond").asDouble(),
        json.path("writtenPerSecond").asDouble(),
        json.path("leases").asInt(),
        json.path("fallingBehind").asBoolean());
  }
}
