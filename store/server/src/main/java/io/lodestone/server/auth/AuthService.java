package io.lodestone.server.auth;

import com.google.protobuf.Message;
import io.grpc.stub.StreamObserver;
import io.lodestone.api.etcdserverpb.AuthDisableRequest;
import io.lodestone.api.etcdserverpb.AuthDisableResponse;
import io.lodestone.api.etcdserverpb.AuthEnableRequest;
import io.lodestone.api.etcdserverpb.AuthEnableResponse;
import io.lodestone.api.etcdserverpb.AuthGrpc;
import io.lodestone.api.etcdserverpb.AuthRoleAddRequest;
import io.lodestone.api.etcdserverpb.AuthRoleAddResponse;
import io.lodestone.api.etcdserverpb.AuthRoleDeleteRequest;
import io.lodestone.api.etcdserverpb.AuthRoleDeleteResponse;
import io.lodestone.api.etcdserverpb.AuthRoleGetRequest;
import io.lodestone.api.etcdserverpb.AuthRoleGetResponse;
import io.lodestone.api.etcdserverpb.AuthRoleGrantPermissionRequest;
import io.lodestone.api.etcdserverpb.AuthRoleGrantPermissionResponse;
import io.lodestone.api.etcdserverpb.AuthRoleListRequest;
import io.lodestone.api.etcdserverpb.AuthRoleListResponse;
import io.lodestone.api.etcdserverpb.AuthRoleRevokePermissionRequest;
import io.lodestone.api.etcdserverpb.AuthRoleRevokePermissionResponse;
import io.lodestone.api.etcdserverpb.AuthStatusRequest;
import io.lodestone.api.etcdserverpb.AuthStatusResponse;
import io.lodestone.api.etcdserverpb.AuthUserAddRequest;
import io.lodestone.api.etcdserverpb.AuthUserAddResponse;
import io.lodestone.api.etcdserverpb.AuthUserChangePasswordRequest;
import io.lodestone.api.etcdserverpb.AuthUserChangePasswordResponse;
import io.lodestone.api.etcdserverpb.AuthUserDeleteRequest;
import io.lodestone.api.etcdserverpb.AuthUserDeleteResponse;
import io.lodestone.api.etcdserverpb.AuthUserGetRequest;
import io.lodestone.api.etcdserverpb.AuthUserGetResponse;
import io.lodestone.api.etcdserverpb.AuthUserGrantRoleRequest;
import io.lodestone.api.etcdserverpb.AuthUserGrantRoleResponse;
import io.lodestone.api.etcdserverpb.AuthUserListRequest;
import io.lodestone.api.etcdserverpb.AuthUserListResponse;
import io.lodestone.api.etcdserverpb.AuthUserRevokeRoleRequest;
import io.lodestone.api.etcdserverpb.AuthUserRevokeRoleResponse;
import io.lodestone.api.etcdserverpb.AuthenticateRequest;
import io.lodestone.api.etcdserverpb.AuthenticateResponse;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.auth.Identity;
import io.lodestone.auth.Logins;
import io.lodestone.server.call.Access;
import io.lodestone.server.call.Answers;
import io.lodestone.server.call.ResponseHeaders;
import io.lodestone.server.proposal.Submissions;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/** etcd's Auth service. Thread-safe; never blocks. */
public final class AuthService extends AuthGrpc.AuthImplBase {
  private final Submissions submissions;
  private final Supplier<CompletableFuture<Void>> barrier;
  private final Logins logins;
  private final Access access;
  private final ResponseHeaders headers;

  /** {@code barrier} completes once all that was acknowledged to anyone is visible here. */
  public AuthService(
      Submissions submissions,
      Supplier<CompletableFuture<Void>> barrier,
      Logins logins,
      Access access,
      ResponseHeaders headers) {
    this.submissions = submissions;
    this.barrier = barrier;
    this.logins = logins;
    this.access = access;
    this.headers = headers;
  }

  /** Commits {@code request}, and answers with what the store says. */
  private <R extends Message> void commit(
      InternalRaftRequest.Builder request, Class<R> response, StreamObserver<R> out) {
    Answers.sendFrom(out, () -> submissions.submit(request, response, headers::on));
  }

  /** The same for a request whose password is hashed first, which takes long. */
  private <H, R extends Message> void commitHashed(
      Supplier<CompletableFuture<H>> hashing,
      Function<H, InternalRaftRequest.Builder> request,
      Class<R> response,
      StreamObserver<R> out) {
    Answers.sendFrom(
        out,
        () -> {
          Identity user = access.user();
          return hashing
              .get()
              .thenCompose(
                  hashed ->
                      submissions.submitAs(user, request.apply(hashed), response, headers::on));
        });
  }

  @Override
  public void authEnable(AuthEnableRequest request, StreamObserver<AuthEnableResponse> out) {
    commit(InternalRaftRequest.newBuilder().setAuthEnable(request), AuthEnableResponse.class, out);
  }

  @Override
  public void authDisable(AuthDisableRequest request, StreamObserver<AuthDisableResponse> out) {
    commit(
        InternalRaftRequest.newBuilder().setAuthDisable(request), AuthDisableResponse.class, out);
  }

  @Override
  public void authStatus(AuthStatusRequest request, StreamObserver<AuthStatusResponse> out) {
    commit(InternalRaftRequest.newBuilder().setAuthStatus(request), AuthStatusResponse.class, out);
  }

  @Override
  public void userGet(AuthUserGetRequest request, StreamObserver<AuthUserGetResponse> out) {
    commit(
        InternalRaftRequest.newBuilder().setAuthUserGet(request), AuthUserGetResponse.class, out);
  }

  @Override
  public void userList(AuthUserListRequest request, StreamObserver<AuthUserListResponse> out) {
    commit(
        InternalRaftRequest.newBuilder().setAuthUserList(request), AuthUserListResponse.class, out);
  }

  @Override
  public void userDelete(
      AuthUserDeleteRequest request, StreamObserver<AuthUserDeleteResponse> out) {
    commit(
        InternalRaftRequest.newBuilder().setAuthUserDelete(request),
        AuthUserDeleteResponse.class,
        out);
  }

  @Override
  public void userGrantRole(
      AuthUserGrantRoleRequest request, StreamObserver<AuthUserGrantRoleResponse> out) {
    commit(
        InternalRaftRequest.newBuilder().setAuthUserGrantRole(request),
        AuthUserGrantRoleResponse.class,
        out);
  }

  @Override
  public void userRevokeRole(
      AuthUserRevokeRoleRequest request, StreamObserver<AuthUserRevokeRoleResponse> out) {
    commit(
        InternalRaftRequest.newBuilder().setAuthUserRevokeRole(request),
        AuthUserRevokeRoleResponse.class,
        out);
  }

  @Override
  public void roleAdd(AuthRoleAddRequest request, StreamObserver<AuthRoleAddResponse> out) {
    commit(
        InternalRaftRequest.newBuilder().setAuthRoleAdd(request), AuthRoleAddResponse.class, out);
  }

  @Override
  public void roleGet(AuthRoleGetRequest request, StreamObserver<AuthRoleGetResponse> out) {
    commit(
        InternalRaftRequest.newBuilder().setAuthRoleGet(request), AuthRoleGetResponse.class, out);
  }

  @Override
  public void roleList(AuthRoleListRequest request, StreamObserver<AuthRoleListResponse> out) {
    commit(
        InternalRaftRequest.newBuilder().setAuthRoleList(request), AuthRoleListResponse.class, out);
  }

  @Override
  public void roleDelete(
      AuthRoleDeleteRequest request, StreamObserver<AuthRoleDeleteResponse> out) {
    commit(
        InternalRaftRequest.newBuilder().setAuthRoleDelete(request),
        AuthRoleDeleteResponse.class,
        out);
  }

  @Override
  public void roleGrantPermission(
      AuthRoleGrantPermissionRequest request, StreamObserver<AuthRoleGrantPermissionResponse> out) {
    commit(
        InternalRaftRequest.newBuilder().setAuthRoleGrantPermission(request),
        AuthRoleGrantPermissionResponse.class,
        out);
  }

  @Override
  public void roleRevokePermission(
      AuthRoleRevokePermissionRequest request,
      StreamObserver<AuthRoleRevokePermissionResponse> out) {
    commit(
        InternalRaftRequest.newBuilder().setAuthRoleRevokePermission(request),
        AuthRoleRevokePermissionResponse.class,
        out);
  }

  @Override
  public void userAdd(AuthUserAddRequest request, StreamObserver<AuthUserAddResponse> out) {
    commitHashed(
        () -> logins.hashed(request),
        hashed -> InternalRaftRequest.newBuilder().setAuthUserAdd(hashed),
        AuthUserAddResponse.class,
        out);
  }

  @Override
  public void userChangePassword(
      AuthUserChangePasswordRequest request, StreamObserver<AuthUserChangePasswordResponse> out) {
    commitHashed(
        () -> logins.hashed(request),
        hashed -> InternalRaftRequest.newBuilder().setAuthUserChangePassword(hashed),
        AuthUserChangePasswordResponse.class,
        out);
  }

  /** By the password that counts now, wherever it was changed. */
  @Override
  public void authenticate(AuthenticateRequest request, StreamObserver<AuthenticateResponse> out) {
    Answers.sendFrom(
        out,
        () ->
            barrier
                .get()
                .thenCompose(
                    done -> logins.login(request.getName(), request.getPassword(), this::propose))
                .thenApply(response -> response.toBuilder().setHeader(headers.now()).build()));
  }

  private CompletableFuture<AuthenticateResponse> propose(InternalRaftRequest request) {
    return submissions.submitAs(
        Identity.NOBODY,
        request.toBuilder(),
        AuthenticateResponse.class,
        (response, revision) -> response);
  }
}
