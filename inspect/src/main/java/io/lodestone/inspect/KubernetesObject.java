package io.lodestone.inspect;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What can be told of a value that Kubernetes has stored as protobuf, without its schemas: the
 * envelope (magic {@code k8s\0}, then {@code runtime.Unknown}) has kind and API version, and the
 * object's field 1 is its ObjectMeta. Field numbers are from k8s.io/apimachinery's generated.proto.
 */
public final class KubernetesObject {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ByteString MAGIC = ByteString.copyFromUtf8("k8s\0");

  private static final int TYPE_META = 1;
  private static final int RAW = 2;
  private static final int API_VERSION = 1;
  private static final int KIND = 2;

  private static final int METADATA = 1;
  private static final int NAME = 1;
  private static final int GENERATE_NAME = 2;
  private static final int NAMESPACE = 3;
  private static final int UID = 5;
  private static final int RESOURCE_VERSION = 6;
  private static final int GENERATION = 7;
  private static final int CREATED = 8;
  private static final int DELETED = 9;
  private static final int LABELS = 11;
  private static final int ANNOTATIONS = 12;
  private static final int FINALIZERS = 14;

  private KubernetesObject() {}

  /** The readable part of a value; empty where it is not of that form. */
  public static Optional<ObjectNode> read(ByteString value) {
    if (!value.startsWith(MAGIC)) {
      return Optional.empty();
    }
    try {
      UnknownFieldSet envelope = UnknownFieldSet.parseFrom(value.substring(MAGIC.size()));
      UnknownFieldSet type = message(envelope, TYPE_META);
      ObjectNode object = JsonNodeFactory.instance.objectNode();
      putText(object, "apiVersion", type, API_VERSION);
      putText(object, "kind", type, KIND);
      if (object.isEmpty()) {
        return Optional.empty();
      }
      ObjectNode metadata = metadata(bytes(envelope, RAW));
      if (!metadata.isEmpty()) {
        object.set("metadata", metadata);
      }
      return Optional.of(object);
    } catch (InvalidProtocolBufferException e) {
      return Optional.empty();
    }
  }

  /**
   * For example {@code apps/v1 Deployment in shop}, of a value in protobuf, or in JSON as the
   * objects of custom resources are; without a namespace where it has none. Empty where it is no
   * object.
   */
  public static Optional<String> typeAndNamespace(ByteString value) {
    return read(value).or(() -> readJson(value)).map(KubernetesObject::typeAndNamespace);
  }

  private static String typeAndNamespace(ObjectNode object) {
    String type = object.path("apiVersion").asText() + " " + object.path("kind").asText();
    String namespace = object.path("metadata").path("namespace").asText();
    return namespace.isEmpty() ? type : type + " in " + namespace;
  }

  private static Optional<ObjectNode> readJson(ByteString value) {
    if (value.isEmpty() || value.byteAt(0) != '{') {
      return Optional.empty();
    }
    try {
      JsonNode read = JSON.readTree(value.newInput());
      boolean is = read instanceof ObjectNode && read.has("apiVersion") && read.has("kind");
      return is ? Optional.of((ObjectNode) read) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Empty where field 1 is no ObjectMeta: kinds without one exist. */
  private static ObjectNode metadata(ByteString raw) {
    ObjectNode metadata = JsonNodeFactory.instance.objectNode();
    try {
      UnknownFieldSet meta = message(UnknownFieldSet.parseFrom(raw), METADATA);
      putText(metadata, "name", meta, NAME);
      putText(metadata, "generateName", meta, GENERATE_NAME);
      putText(metadata, "namespace", meta, NAMESPACE);
      putText(metadata, "uid", meta, UID);
      putText(metadata, "resourceVersion", meta, RESOURCE_VERSION);
      for (long generation : meta.getField(GENERATION).getVarintList()) {
        metadata.put("generation", generation);
      }
      putTime(metadata, "creationTimestamp", meta, CREATED);
      putTime(metadata, "deletionTimestamp", meta, DELETED);
      putMap(metadata, "labels", meta, LABELS);
      putMap(metadata, "annotations", meta, ANNOTATIONS);
      List<ByteString> finalizers = meta.getField(FINALIZERS).getLengthDelimitedList();
      if (!finalizers.isEmpty()) {
        finalizers.forEach(
            finalizer -> metadata.withArray("finalizers").add(finalizer.toStringUtf8()));
      }
      return metadata;
    } catch (InvalidProtocolBufferException e) {
      return JsonNodeFactory.instance.objectNode();
    }
  }

  private static void putText(ObjectNode object, String name, UnknownFieldSet from, int field) {
    ByteString text = bytes(from, field);
    if (!text.isEmpty() && text.isValidUtf8()) {
      object.put(name, text.toStringUtf8());
    }
  }

  private static void putTime(ObjectNode object, String name, UnknownFieldSet from, int field)
      throws InvalidProtocolBufferException {
    for (long seconds : message(from, field).getField(1).getVarintList()) {
      if (seconds > 0 && seconds <= Instant.MAX.getEpochSecond()) {
        object.put(name, Instant.ofEpochSecond(seconds).toString());
      }
    }
  }

  private static void putMap(ObjectNode object, String name, UnknownFieldSet from, int field)
      throws InvalidProtocolBufferException {
    for (ByteString entry : from.getField(field).getLengthDelimitedList()) {
      UnknownFieldSet pair = UnknownFieldSet.parseFrom(entry);
      object
          .withObject("/" + name)
          .put(bytes(pair, 1).toStringUtf8(), bytes(pair, 2).toStringUtf8());
    }
  }

  private static UnknownFieldSet message(UnknownFieldSet from, int field)
      throws InvalidProtocolBufferException {
    return UnknownFieldSet.parseFrom(bytes(from, field));
  }

  /** The last of a field's values, as protobuf takes it; empty where there is none. */
  private static ByteString bytes(UnknownFieldSet from, int field) {
    Field values = from.getField(field);
    List<ByteString> all = values.getLengthDelimitedList();
    return all.isEmpty() ? ByteString.EMPTY : all.get(all.size() - 1);
  }
}
