package io.lodestone.migrate.copy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * What the destination has, as it stands there: a JSON object. Immutable.
 *
 * @param source the source's cluster id, in hex
 * @param prefix of the copied keys at the source
 * @param revision the source's revision that the destination has, once {@code complete}
 * @param complete false while both sides are compared key by key
 * @param leases whether keys have leases that only a running copy keeps alive
 * @param writer the run that wrote it
 * @param sequence counts the writes of that run
 */
record Checkpoint(
    String source,
    String prefix,
    long revision,
    boolean complete,
    boolean leases,
    String writer,
    long sequence) {
  private static final ObjectMapper JSON =
      new ObjectMapper().configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);

  static Checkpoint none(String source, String prefix, String writer) {
    return new Checkpoint(source, prefix, 0, false, false, writer, 0);
  }

  static Checkpoint of(ByteString value, String key) {
    try {
      Checkpoint read = JSON.readValue(value.toByteArray(), Checkpoint.class);
      if (read != null && read.source() != null && read.prefix() != null && read.writer() != null) {
        return read;
      }
    } catch (IOException e) {
      throw notOne(key, e);
    }
    throw notOne(key, null);
  }

  private static LodestoneException notOne(String key, Throwable cause) {
    return new LodestoneException(
        "the destination's key " + key + " holds something else than what a copy remembers",
        "name another one with --checkpoint-key",
        cause);
  }

  ByteString value() {
    try {
      return ByteString.copyFrom(JSON.writeValueAsString(this), StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a checkpoint has only plain values", e);
    }
  }

  /** The next write of {@code run}. */
  Checkpoint by(String run, long count) {
    return new Checkpoint(source, prefix, revision, complete, leases, run, count);
  }

  /** What is there is complete as of {@code newer}, or is being made so. */
  Checkpoint at(long newer, boolean whole, boolean withLeases) {
    return new Checkpoint(source, prefix, newer, whole, withLeases, writer, sequence);
  }
}
