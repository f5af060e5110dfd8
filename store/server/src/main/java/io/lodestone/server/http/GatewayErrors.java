package io.lodestone.server.http;

import com.google.gson.JsonObject;
import io.grpc.Status;
import io.netty.handler.codec.http.HttpResponseStatus;

/** gRPC statuses as the gateway tells them: {@code {"code":5,"message":"..."}}. Stateless. */
final class GatewayErrors {
  private static final int CLIENT_CLOSED_REQUEST = 499;

  private GatewayErrors() {}

  static String json(Status status) {
    JsonObject error = new JsonObject();
    error.addProperty("code", status.getCode().value());
    error.addProperty("message", message(status));
    return error.toString();
  }

  private static String message(Status status) {
    return status.getDescription() == null ? "" : status.getDescription();
  }

  static HttpResponseStatus http(Status.Code code) {
    return switch (code) {
      case OK -> HttpResponseStatus.OK;
      case CANCELLED -> HttpResponseStatus.valueOf(CLIENT_CLOSED_REQUEST);
      case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE -> HttpResponseStatus.BAD_REQUEST;
      case DEADLINE_EXCEEDED -> HttpResponseStatus.GATEWAY_TIMEOUT;
      case NOT_FOUND -> HttpResponseStatus.NOT_FOUND;
      case ALREADY_EXISTS, ABORTED -> HttpResponseStatus.CONFLICT;
      case PERMISSION_DENIED -> HttpResponseStatus.FORBIDDEN;
      case UNAUTHENTICATED -> HttpResponseStatus.UNAUTHORIZED;
      case RESOURCE_EXHAUSTED -> HttpResponseStatus.TOO_MANY_REQUESTS;
      case UNIMPLEMENTED -> HttpResponseStatus.NOT_IMPLEMENTED;
      case UNAVAILABLE -> HttpResponseStatus.SERVICE_UNAVAILABLE;
      case UNKNOWN, INTERNAL, DATA_LOSS -> HttpResponseStatus.INTERNAL_SERVER_ERROR;
    };
  }
}
