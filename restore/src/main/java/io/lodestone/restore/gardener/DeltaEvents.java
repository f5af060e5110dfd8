package io.lodestone.restore.gardener;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.io.ByteStreams;
import com.google.protobuf.ByteString;
import io.lodestone.api.CorruptDataException;
import io.lodestone.api.mvccpb.KeyValue;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;

/**
 * The events of one {@code Incr} object: a JSON array of {@code {"etcdEvent": {"type": 1, "kv":
 * {...}}, "time": "..."}} as Go writes them (bytes in Base64, what is zero left out, type 1 for a
 * deletion), and behind it the 32 bytes of its SHA-256, which is compared before the first event is
 * given away. Holds one event. Confined to one thread.
 */
final class DeltaEvents implements AutoCloseable {
  private static final int HASH_BYTES = 32;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Unpacked object;
  private final JsonParser parser;

  /**
   * @param deleted then {@code keyValue} has no more than the key and the revision
   */
  record Event(KeyValue keyValue, boolean deleted, Instant at) {}

  private DeltaEvents(Unpacked object, JsonParser parser) {
    this.object = object;
    this.parser = parser;
  }

  /** Owns {@code object} from now on. */
  static DeltaEvents open(Unpacked object) throws IOException {
    boolean opened = false;
    try {
      long length = Files.size(object.file()) - HASH_BYTES;
      checkHash(object, length);
      InputStream in = new BufferedInputStream(Files.newInputStream(object.file()), 1 << 16);
      JsonParser parser = JSON.createParser(ByteStreams.limit(in, length));
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        throw unreadable(object, "it is no array", null);
      }
      opened = true;
      return new DeltaEvents(object, parser);
    } catch (JsonProcessingException e) {
      throw unreadable(object, e.getOriginalMessage(), e);
    } finally {
      if (!opened) {
        object.close();
      }
    }
  }

  private static void checkHash(Unpacked object, long length) throws IOException {
    if (length <= 0) {
      throw unreadable(object, "it has no hash at its end", null);
    }
    try (InputStream in = new BufferedInputStream(Files.newInputStream(object.file()), 1 << 16)) {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      byte[] piece = new byte[1 << 16];
      InputStream json = ByteStreams.limit(in, length);
      for (int count = json.read(piece); count > 0; count = json.read(piece)) {
        sha256.update(piece, 0, count);
      }
      if (!MessageDigest.isEqual(sha256.digest(), in.readNBytes(HASH_BYTES))) {
        throw unreadable(object, "its hash does not match its bytes", null);
      }
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** The next event; empty at the end. */
  Optional<Event> next() throws IOException {
    try {
      if (parser.nextToken() == JsonToken.END_ARRAY) {
        return Optional.empty();
      }
      JsonNode node = JSON.readTree(parser);
      return Optional.of(event(node));
    } catch (JsonProcessingException e) {
      throw unreadable(object, e.getOriginalMessage(), e);
    }
  }

  private Event event(JsonNode node) throws IOException {
    JsonNode event = node.path("etcdEvent");
    JsonNode row = event.path("kv");
    KeyValue keyValue =
        KeyValue.newBuilder()
            .setKey(bytes(row, "key"))
            .setCreateRevision(row.path("create_revision").asLong())
            .setModRevision(row.path("mod_revision").asLong())
            .setVersion(row.path("version").asLong())
            .setValue(bytes(row, "value"))
            .setLease(row.path("lease").asLong())
            .build();
    if (keyValue.getKey().isEmpty() || keyValue.getModRevision() <= 0) {
      throw unreadable(object, "an event has no key or no revision", null);
    }
    try {
      Instant at = OffsetDateTime.parse(node.path("time").asText()).toInstant();
      return new Event(keyValue, event.path("type").asInt() == 1, at);
    } catch (DateTimeException e) {
      throw unreadable(object, "an event's time is '" + node.path("time").asText() + "'", e);
    }
  }

  private static ByteString bytes(JsonNode row, String name) throws IOException {
    return row.hasNonNull(name)
        ? ByteString.copyFrom(row.get(name).binaryValue())
        : ByteString.EMPTY;
  }

  private static CorruptDataException unreadable(Unpacked object, String what, Throwable cause) {
    return new CorruptDataException(
        "object " + object.object().name() + " cannot be read: " + what,
        "it is damaged; restore a revision below "
            + object.object().firstRevision()
            + ", or from another copy",
        cause);
  }

  @Override
  public void close() throws IOException {
    parser.close();
    object.close();
  }
}
