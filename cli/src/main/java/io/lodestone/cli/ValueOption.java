package io.lodestone.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.inspect.KubernetesObject;
import io.lodestone.repository.KeyVersion;
import java.util.Base64;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How keys and values are shown. */
final class ValueOption {
  static final ObjectMapper JSON = new ObjectMapper();

  @Option(
      names = "--raw",
      description =
          "values as they are stored; without it, what can be told of Kubernetes' objects")
  private boolean raw;

  @Option(names = "--hex", description = "keys and values as hex bytes, for people")
  private boolean hex;

  ValueOption() {
    this(false);
  }

  ValueOption(boolean raw) {
    this.raw = raw;
  }

  /** One line of text. */
  String shown(ByteString bytes) {
    return (hex ? ShownBytes.HEX : ShownBytes.ESCAPED).of(bytes);
  }

  /** A value for people: an object of Kubernetes as JSON, anything else as its bytes. */
  String shownValue(ByteString value) {
    Optional<ObjectNode> object = decoded(value);
    return object.isPresent() ? object.get().toString() : shown(value);
  }

  private Optional<ObjectNode> decoded(ByteString value) {
    return raw || hex ? Optional.empty() : KubernetesObject.read(value);
  }

  /** A live key with all its numbers and its value. */
  ObjectNode json(KeyValue row) {
    ObjectNode line = JSON.createObjectNode();
    putBytes(line, "key", row.getKey());
    line.put("createRevision", row.getCreateRevision());
    line.put("modRevision", row.getModRevision());
    line.put("version", row.getVersion());
    line.put("lease", Long.toHexString(row.getLease()));
    line.put("size", row.getValue().size());
    putValue(line, row.getValue());
    return line;
  }

  private void putValue(ObjectNode line, ByteString value) {
    Optional<ObjectNode> object = decoded(value);
    if (object.isPresent()) {
      line.set("object", object.get());
    } else {
      putBytes(line, "value", value);
    }
  }

  /** Text under the name itself, other bytes in Base64 under the name with {@code Base64}. */
  static void putBytes(ObjectNode line, String name, ByteString bytes) {
    if (bytes.isValidUtf8()) {
      line.put(name, bytes.toStringUtf8());
    } else {
      line.put(name + "Base64", Base64.getEncoder().encodeToString(bytes.toByteArray()));
    }
  }

  /** A version of a key, without its value. */
  static ObjectNode json(KeyVersion version) {
    ObjectNode line = JSON.createObjectNode();
    line.put("revision", version.revision());
    version.at().ifPresent(at -> line.put("time", at.toString()));
    line.put("deleted", version.deleted());
    line.put("createRevision", version.createRevision());
    line.put("version", version.version());
    line.put("lease", Long.toHexString(version.lease()));
    line.put("size", version.valueBytes());
    return line;
  }

  /** A document on one line. */
  static String line(JsonNode document) {
    try {
      return JSON.writeValueAsString(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("strings and numbers have become no JSON", e);
    }
  }
}
