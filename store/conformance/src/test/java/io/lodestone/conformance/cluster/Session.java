package io.lodestone.conformance.cluster;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.netty.NettyChannelBuilder;
import io.lodestone.api.etcdserverpb.AuthGrpc;
import io.lodestone.api.etcdserverpb.AuthenticateRequest;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A user, and the token of the last login, which is shown at every member. Confined to one thread.
 */
final class Session implements AutoCloseable {
  private static final Metadata.Key<String> TOKEN =
      Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);
  private static final int SECONDS = 3;

  private final String user;
  private final String password;
  private final List<ManagedChannel> channels = new ArrayList<>();
  private String token = "";

  Session(String user, String password, List<String> endpoints) {
    this.user = user;
    this.password = password;
    for (String endpoint : endpoints) {
      channels.add(
          NettyChannelBuilder.forTarget(endpoint).usePlaintext().intercept(asUser()).build());
    }
  }

  /** Shows the token, where there is one. */
  ClientInterceptor asUser() {
    return new ClientInterceptor() {
      @Override
      public <Q, A> ClientCall<Q, A> interceptCall(
          MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
          @Override
          public void start(Listener<A> listener, Metadata headers) {
            if (!token.isEmpty()) {
              headers.put(TOKEN, token);
            }
            super.start(listener, headers);
          }
        };
      }
    };
  }

  /** At the member {@code index}, with another password from now on than before. */
  void login(int index, String changed) {
    token = "";
    token =
        auth(index)
            .authenticate(
                AuthenticateRequest.newBuilder().setName(user).setPassword(changed).build())
            .getToken();
  }

  /** At the member {@code index}. */
  void login(int index) {
    login(index, password);
  }

  boolean isLoggedIn() {
    return !token.isEmpty();
  }

  /** It has to log in again. */
  void forget() {
    token = "";
  }

  private ManagedChannel at(int index) {
    ManagedChannel channel = channels.get(index);
    channel.resetConnectBackoff();
    return channel;
  }

  KVGrpc.KVBlockingStub kv(int index) {
    return KVGrpc.newBlockingStub(at(index)).withDeadlineAfter(SECONDS, TimeUnit.SECONDS);
  }

  AuthGrpc.AuthBlockingStub auth(int index) {
    return AuthGrpc.newBlockingStub(at(index)).withDeadlineAfter(SECONDS, TimeUnit.SECONDS);
  }

  MaintenanceGrpc.MaintenanceBlockingStub maintenance(int index) {
    return MaintenanceGrpc.newBlockingStub(at(index)).withDeadlineAfter(SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
  }
}
