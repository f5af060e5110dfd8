package io.lodestone.auth;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.lodestone.api.etcdserverpb.AuthGrpc;
import io.lodestone.api.etcdserverpb.AuthenticateRequest;
import io.lodestone.api.etcdserverpb.AuthenticateResponse;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A member of stock etcd, asked by its public calls what the log would carry. */
final class StockSide {
  private static final Metadata.Key<String> TOKEN =
      Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);

  private static final Map<String, MethodDescriptor<?, ?>> METHODS = new HashMap<>();

  static {
    METHODS.put("auth_enable", AuthGrpc.getAuthEnableMethod());
    METHODS.put("auth_disable", AuthGrpc.getAuthDisableMethod());
    METHODS.put("auth_status", AuthGrpc.getAuthStatusMethod());
    METHODS.put("auth_user_add", AuthGrpc.getUserAddMethod());
    METHODS.put("auth_user_delete", AuthGrpc.getUserDeleteMethod());
    METHODS.put("auth_user_get", AuthGrpc.getUserGetMethod());
    METHODS.put("auth_user_list", AuthGrpc.getUserListMethod());
    METHODS.put("auth_user_change_password", AuthGrpc.getUserChangePasswordMethod());
    METHODS.put("auth_user_grant_role", AuthGrpc.getUserGrantRoleMethod());
    METHODS.put("auth_user_revoke_role", AuthGrpc.getUserRevokeRoleMethod());
    METHODS.put("auth_role_add", AuthGrpc.getRoleAddMethod());
    METHODS.put("auth_role_delete", AuthGrpc.getRoleDeleteMethod());
    METHODS.put("auth_role_get", AuthGrpc.getRoleGetMethod());
    METHODS.put("auth_role_list", AuthGrpc.getRoleListMethod());
    METHODS.put("auth_role_grant_permission", AuthGrpc.getRoleGrantPermissionMethod());
    METHODS.put("auth_role_revoke_permission", AuthGrpc.getRoleRevokePermissionMethod());
    METHODS.put("range", KVGrpc.getRangeMethod());
    METHODS.put("put", KVGrpc.getPutMethod());
    METHODS.put("delete_range", KVGrpc.getDeleteRangeMethod());
    METHODS.put("txn", KVGrpc.getTxnMethod());
    METHODS.put("lease_grant", LeaseGrpc.getLeaseGrantMethod());
    METHODS.put("lease_revoke", LeaseGrpc.getLeaseRevokeMethod());
  }

  private final Channel channel;
  private final Map<String, String> tokens = new HashMap<>();

  StockSide(Channel channel) {
    this.channel = channel;
  }

  Answer login(String user, String password) {
    try {
      AuthenticateResponse response =
          AuthGrpc.newBlockingStub(channel)
              .authenticate(
                  AuthenticateRequest.newBuilder().setName(user).setPassword(password).build());
      tokens.put(user, response.getToken());
      return Answer.of(response);
    } catch (StatusRuntimeException e) {
      return Answer.of(e.getStatus());
    }
  }

  Optional<String> token(String user) {
    return Optional.ofNullable(tokens.get(user));
  }

  Answer call(Optional<String> token, InternalRaftRequest request) {
    FieldDescriptor field =
        request.getAllFields().keySet().stream()
            .filter(known -> !known.getName().equals("header"))
            .findFirst()
            .orElseThrow();
    try {
      return Answer.of(
          call(token, METHODS.get(field.getName()), (Message) request.getField(field)));
    } catch (StatusRuntimeException e) {
      return Answer.of(e.getStatus());
    }
  }

  @SuppressWarnings("unchecked") // The table above pairs each field with the method of its type.
  private Message call(Optional<String> token, MethodDescriptor<?, ?> method, Message request) {
    Metadata headers = new Metadata();
    token.ifPresent(value -> headers.put(TOKEN, value));
    return ClientCalls.blockingUnaryCall(
        ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers)),
        (MethodDescriptor<Message, Message>) method,
        CallOptions.DEFAULT,
        request);
  }
}
