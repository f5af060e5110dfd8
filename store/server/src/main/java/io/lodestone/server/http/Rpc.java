package io.lodestone.server.http;

import com.google.protobuf.Descriptors;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import java.io.IOException;
import java.io.InputStream;

/**
 * A gRPC method that JSON can call: its definition, interceptors included, and its messages'
 * descriptors. Immutable.
 */
record Rpc<Q, A>(ServerMethodDefinition<Q, A> definition, Descriptors.MethodDescriptor descriptor) {
  private static final JsonFormat.Parser PARSER = JsonFormat.parser().ignoringUnknownFields();
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().preservingProtoFieldNames().omittingInsignificantWhitespace();

  static <Q, A> Rpc<Q, A> of(
      ServerMethodDefinition<Q, A> definition, Descriptors.ServiceDescriptor service) {
    String name = definition.getMethodDescriptor().getBareMethodName();
    return new Rpc<>(definition, service.findMethodByName(name));
  }

  boolean clientStreams() {
    return descriptor.isClientStreaming();
  }

  boolean serverStreams() {
    return descriptor.isServerStreaming();
  }

  /** Empty text is the empty message. */
  Q request(String json) throws InvalidProtocolBufferException {
    DynamicMessage.Builder message = DynamicMessage.newBuilder(descriptor.getInputType());
    if (!json.isEmpty()) {
      PARSER.merge(json, message);
    }
    return definition.getMethodDescriptor().parseRequest(message.build().toByteString().newInput());
  }

  /** The response as JSON, through its bytes: whatever the method's own type for it is. */
  String print(A response) {
    try (InputStream bytes = definition.getMethodDescriptor().streamResponse(response)) {
      return PRINTER.print(DynamicMessage.parseFrom(descriptor.getOutputType(), bytes));
    } catch (IOException e) {
      throw new IllegalStateException("a response of the server's own cannot be read", e);
    }
  }

  ServerCall.Listener<Q> start(ServerCall<Q, A> call, Metadata headers) {
    return definition.getServerCallHandler().startCall(call, headers);
  }
}
