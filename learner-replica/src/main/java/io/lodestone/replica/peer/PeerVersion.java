package io.lodestone.replica.peer;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import java.util.Optional;

/**
 * What a member answers at {@code /version}. Immutable.
 *
 * @param server of the member's program, for example {@code 3.5.30}
 * @param cluster that all have agreed on, for example {@code 3.5.0}
 */
public record PeerVersion(String server, String cluster) {
  private static final String SERVER = "etcdserver";
  private static final String CLUSTER = "etcdcluster";

  /** Empty where the text is not what etcd answers. */
  static Optional<PeerVersion> parse(String json) {
    try {
      Struct.Builder fields = Struct.newBuilder();
      JsonFormat.parser().merge(json, fields);
      return fields.containsFields(SERVER) && fields.containsFields(CLUSTER)
          ? Optional.of(
              new PeerVersion(
                  fields.getFieldsOrThrow(SERVER).getStringValue(),
                  fields.getFieldsOrThrow(CLUSTER).getStringValue()))
          : Optional.empty();
    } catch (InvalidProtocolBufferException e) {
      return Optional.empty();
    }
  }

  String json() {
    return "{\"" + SERVER + "\":\"" + server + "\",\"" + CLUSTER + "\":\"" + cluster + "\"}";
  }
}
