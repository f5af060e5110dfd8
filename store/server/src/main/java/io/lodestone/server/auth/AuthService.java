package io.lodestone.server.auth;

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

/** etcd's Auth service. Thread-safe; never blocks. */
public final class AuthService extends AuthGrpc.AuthImplBase {
  private final Submissions submissions;
  private final Logins logins;
  private final Access access;
  private final ResponseHeaders headers;

  public AuthService(
      Submissions submissions, Logins logins, Access access, ResponseHeaders headers) {
    this.submissions = submissions;
    this.logins = logins;
    this.access = access;
    this.headers = headers;
  }

  @Override
  public void authEnable(AuthEnableRequest request, StreamObserver<AuthEnableResponse> out) {
    Answers.sendFrom(
        out,
        () ->
            submissions.submit(
                InternalRaftRequest.newBuilder().setAuthEnable(request),
                AuthEnableResponse.class,
                (response, revision) ->
                    response.toBuilder().setHeader(headers.at(revision)).build()));
  }

  @Override
  public void authDisable(AuthDisableRequest request, StreamObserver<AuthDisableResponse> out) {
    Answers.sendFrom(
        out,
        () ->
            submissions.submit(
                InternalRaftRequest.newBuilder().setAuthDisable(request),
                AuthDisableResponse.class,
                (response, revision) ->
                    response.toBuilder().setHeader(headers.at(revision)).build()));
  }

  @Override
  public void authStatus(AuthStatusRequest request, StreamObserver<AuthStatusResponse> out) {
    Answers.sendFrom(
        out,
        () ->
            submissions.submit(
                InternalRaftRequest.newBuilder().setAuthStatus(request),
                AuthStatusResponse.class,
                (response, revision) ->
                    response.toBuilder().setHeader(headers.at(revision)).build()));
  }

  @Override
  public void userGet(AuthUserGetRequest request, StreamObserver<AuthUserGetResponse> out) {
    Answers.sendFrom(
        out,
        () ->
            submissions.submit(
                InternalRaftRequest.newBuilder().setAuthUserGet(request),
                AuthUserGetResponse.class,
                (response, revision) ->
                    response.toBuilder().setHeader(headers.at(revision)).build()));
  }

  @Override
  public void userList(AuthUserListRequest request, StreamObserver<AuthUserListResponse> out) {
    Answers.sendFrom(
        out,
        () ->
            submissions.submit(
                InternalRaftRequest.newBuilder().setAuthUserList(request),
                AuthUserListResponse.class,
                (response, revision) ->
                    response.toBuilder().setHeader(headers.at(revision)).build()));
  }

  @Override
  public void userDelete(
      AuthUserDeleteRequest request, StreamObserver<AuthUserDeleteResponse> out) {
    Answers.sendFrom(
        out,
        () ->
            submissions.submit(
                InternalRaftRequest.newBuilder().setAuthUserDelete(request),
                AuthUserDeleteResponse.class,
                (response, revision) ->
                    response.toBuilder().setHeader(headers.at(revision)).build()));
  }

  @Override
  public void userGrantRole(
      AuthUserGrantRoleRequest request, StreamObserver<AuthUserGrantRoleResponse> out) {
    Answers.sendFrom(
        out,
        () ->
            submissions.submit(
                InternalRaftRequest.newBuilder().setAuthUserGrantRole(request),
                AuthUserGrantRoleResponse.class,
                (response, revision) ->
                    response.toBuilder().setHeader(headers.at(revision)).build()));
  }

  @Override
  public void userRevokeRole(
      AuthUserRevokeRoleRequest request, StreamObserver<AuthUserRevokeRoleResponse> out) {
    Answers.sendFrom(
        out,
        () ->
            submissions.submit(
                InternalRaftRequest.newBuilder().setAuthUserRevokeRole(request),
                AuthUserRevokeRoleResponse.class,
                (response, revision) ->
                    response.toBuilder().setHeader(headers.at(revision)).build()));
  }

  @Override
  public void roleAdd(AuthRoleAddRequest request, StreamObserver<AuthRoleAddResponse> out) {
    Answers.sendFrom(
        out,
        () ->
            submissions.submit(
                InternalRaftRequest.newBuilder().setAuthRoleAdd(request),
                AuthRoleAddResponse.class,
                (response, revision) ->
                    response.toBuilder().setHeader(headers.at(revision)).build()));
  }

  @Override
  public void roleGet(AuthRoleGetRequest request, StreamObserver<AuthRoleGetResponse> out) {
    Answers.sendFrom(
        out,
        () ->
            submissions.submit(
                InternalRaftRequest.newBuilder().setAuthRoleGet(request),
                AuthRoleGetResponse.class,
                (response, revision) ->
                    response.toBuilder().setHeader(headers.at(revision)).build()));
  }

  @Override
  public void roleList(AuthRoleListRequest request, StreamObserver<AuthRoleListResponse> out) {
    Answers.sendFrom(
        out,
        () ->
            submissions.submit(
                InternalRaftRequest.newBuilder().setAuthRoleList(request),
                AuthRoleListResponse.class,
                (response, revision) ->
                    response.toBuilder().setHeader(headers.at(revision)).build()));
  }

  @Override
  public void roleDelete(
      AuthRoleDeleteRequest request, StreamObserver<AuthRoleDeleteResponse> out) {
    Answers.sendFrom(
        out,
        () ->
            submissions.submit(
                InternalRaftRequest.newBuilder().setAuthRoleDelete(request),
                AuthRoleDeleteResponse.class,
                (response, revision) ->
                    response.toBuilder().setHeader(headers.at(revision)).build()));
  }

  @Override
  public void roleGrantPermission(
      AuthRoleGrantPermissionRequest request, StreamObserver<AuthRoleGrantPermissionResponse> out) {
    Answers.sendFrom(
        out,
        () ->
            submissions.submit(
                InternalRaftRequest.newBuilder().setAuthRoleGrantPermission(request),
                AuthRoleGrantPermissionResponse.class,
                (response, revision) ->
                    response.toBuilder().setHeader(headers.at(revision)).build()));
  }

  @Override
  public void roleRevokePermission(
      AuthRoleRevokePermissionRequest request,
      StreamObserver<AuthRoleRevokePermissionResponse> out) {
    Answers.sendFrom(
        out,
        () ->
            submissions.submit(
                InternalRaftRequest.newBuilder().setAuthRoleRevokePermission(request),
                AuthRoleRevokePermissionResponse.class,
                (response, revision) ->
                    response.toBuilder().setHeader(headers.at(revision)).build()));
  }

  @Override
  public void userAdd(AuthUserAddRequest request, StreamObserver<AuthUserAddResponse> out) {
    Answers.sendFrom(
        out,
        () -> {
          Identity user = access.user();
          return logins
              .hashed(request)
              .thenCompose(
                  hashed ->
                      submissions.submitAs(
                          user,
                          InternalRaftRequest.newBuilder().setAuthUserAdd(hashed),
                          AuthUserAddResponse.class,
                          (response, revision) ->
                              response.toBuilder().setHeader(headers.at(revision)).build()));
        });
  }

  @Override
  public void userChangePassword(
      AuthUserChangePasswordRequest request, StreamObserver<AuthUserChangePasswordResponse> out) {
    Answers.sendFrom(
        out,
        () -> {
          Identity user = access.user();
          return logins
              .hashed(request)
              .thenCompose(
                  hashed ->
                      submissions.submitAs(
                          user,
                          InternalRaftRequest.newBuilder().setAuthUserChangePassword(hashed),
                          AuthUserChangePasswordResponse.class,
                          (response, revision) ->
                              response.toBuilder().setHeader(headers.at(revision)).build()));
        });
  }

  @Override
  public void authenticate(AuthenticateRequest request, StreamObserver<AuthenticateResponse> out) {
    Answers.sendFrom(
        out,
        () ->
            logins
                .login(request.getName(), request.getPassword(), this::propose)
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
