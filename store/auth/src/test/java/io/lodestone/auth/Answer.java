package io.lodestone.auth;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.grpc.Status;
import io.lodestone.api.StoreException;

/**
 * What a request came to, in a form that compares.
 *
 * @param code of gRPC
 * @param text of the refusal, or the response without header and token
 */
record Answer(Status.Code code, String text) {

  static Answer of(Message response) {
    Message.Builder bare = response.toBuilder();
    for (FieldDescriptor field : response.getAllFields().keySet()) {
      if (field.getName().equals("header") || field.getName().equals("token")) {
        bare.clearField(field);
      }
    }
    return new Answer(Status.Code.OK, bare.build().toString());
  }

  static Answer of(Status status) {
    return new Answer(status.getCode(), String.valueOf(status.getDescription()));
  }

  static Answer of(StoreException refusal) {
    return new Answer(refusal.code().status(), refusal.getMessage());
  }

  /** Whether it was done, or the refusal; for requests whose response comes from the keyspace. */
  Answer refusalOnly() {
    return code == Status.Code.OK ? new Answer(code, "") : this;
  }
}
