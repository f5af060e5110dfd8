package io.lodestone.bench.migrate;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import io.lodestone.api.etcdserverpb.PutRequest;
import java.util.Locale;
import java.util.Random;

/**
 * Objects as an API server stores them: its keys, its envelope ({@code k8s\0}, then {@code
 * runtime.Unknown} with the type and the object, whose metadata is real), and filling of about the
 * size that such objects have, half of it text that repeats. Immutable.
 */
final class KubernetesObjects {
  static final int NODES = 1200;
  static final int PODS = 20_000;
  static final int SERVICES = 5000;

  private static final int NAMESPACES = 200;
  private static final ByteString MAGIC = ByteString.copyFromUtf8("k8s\0");
  private static final String TEXT =
      "{\"type\":\"Ready\",\"status\":\"True\",\"lastTransitionTime\":\"2026-01-01T00:00:00Z\"},";

  private static final int NODE_BYTES = 15_000;
  private static final int LEAST_POD_BYTES = 6000;
  private static final int MOST_POD_BYTES = 10_000;
  private static final int SERVICE_BYTES = 1200;
  private static final int LEASE_BYTES = 400;

  /** Of 144 updates a second in a cluster of that size: heartbeats, status of pods and nodes. */
  static final double UPDATES_PER_SECOND = 144;

  private static final int LEASE_UPDATES = 120;
  private static final int POD_UPDATES = 20;

  private final int divisor;

  /**
   * @param divisor how many times smaller the cluster is than the whole one
   */
  KubernetesObjects(int divisor) {
    this.divisor = divisor;
  }

  int count() {
    return 2 * nodes() + pods() + services();
  }

  int nodes() {
    return NODES / divisor;
  }

  int pods() {
    return PODS / divisor;
  }

  int services() {
    return SERVICES / divisor;
  }

  /** Each object once: nodes with their leases, services, pods. */
  PutRequest create(int number) {
    Random random = new Random(number);
    int rest = number;
    if (rest < nodes()) {
      return node(rest, random);
    }
    rest -= nodes();
    if (rest < nodes()) {
      return lease(rest, random);
    }
    rest -= nodes();
    return rest < services() ? service(rest, random) : pod(rest - services(), random);
  }

  /** What goes on all the time. */
  PutRequest update() {
    Random random = new Random();
    int kind = random.nextInt((int) UPDATES_PER_SECOND);
    if (kind < LEASE_UPDATES) {
      return lease(random.nextInt(nodes()), random);
    }
    return kind < LEASE_UPDATES + POD_UPDATES
        ? pod(random.nextInt(pods()), random)
        : node(random.nextInt(nodes()), random);
  }

  private static PutRequest node(int number, Random random) {
    String name = String.format(Locale.ROOT, "node-%04d", number);
    return put("/registry/minions/" + name, "v1", "Node", "", name, NODE_BYTES, random);
  }

  private static PutRequest lease(int number, Random random) {
    String name = String.format(Locale.ROOT, "node-%04d", number);
    String namespace = "kube-node-lease";
    return put(
        "/registry/leases/" + namespace + "/" + name,
        "coordination.k8s.io/v1",
        "Lease",
        namespace,
        name,
        LEASE_BYTES,
        random);
  }

  private static PutRequest service(int number, Random random) {
    String namespace = namespace(number);
    String name = String.format(Locale.ROOT, "service-%05d", number);
    String key = "/registry/services/specs/" + namespace + "/" + name;
    return put(key, "v1", "Service", namespace, name, SERVICE_BYTES, random);
  }

  private static PutRequest pod(int number, Random random) {
    String namespace = namespace(number);
    String name = String.format(Locale.ROOT, "deployment-%04d-%08x", number / 4, number * 40_503);
    int bytes = LEAST_POD_BYTES + random.nextInt(MOST_POD_BYTES - LEAST_POD_BYTES);
    String key = "/registry/pods/" + namespace + "/" + name;
    return put(key, "v1", "Pod", namespace, name, bytes, random);
  }

  private static String namespace(int number) {
    return String.format(Locale.ROOT, "team-%03d", number % NAMESPACES);
  }

  private static PutRequest put(
      String key,
      String apiVersion,
      String kind,
      String namespace,
      String name,
      int bytes,
      Random random) {
    ByteString type = message(1, text(apiVersion), 2, text(kind));
    ByteString metadata = message(1, text(name), 3, text(namespace));
    ByteString object = message(1, metadata, 2, filling(bytes, random));
    return PutRequest.newBuilder()
        .setKey(text(key))
        .setValue(MAGIC.concat(message(1, type, 2, object)))
        .build();
  }

  private static ByteString text(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private static ByteString message(int first, ByteString one, int second, ByteString other) {
    return UnknownFieldSet.newBuilder()
        .addField(first, Field.newBuilder().addLengthDelimited(one).build())
        .addField(second, Field.newBuilder().addLengthDelimited(other).build())
        .build()
        .toByteString();
  }

  private static ByteString filling(int bytes, Random random) {
    byte[] noise = new byte[bytes / 2];
    random.nextBytes(noise);
    return ByteString.copyFrom(noise)
        .concat(text(TEXT.repeat(1 + bytes / 2 / TEXT.length())).substring(0, bytes - bytes / 2));
  }
}
