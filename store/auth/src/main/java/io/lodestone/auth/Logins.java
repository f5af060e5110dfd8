package io.lodestone.auth;

import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.authpb.User;
import io.lodestone.api.etcdserverpb.AuthUserAddRequest;
import io.lodestone.api.etcdserverpb.AuthUserChangePasswordRequest;
import io.lodestone.api.etcdserverpb.AuthenticateResponse;
import io.lodestone.api.etcdserverpb.InternalAuthenticateRequest;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What stands before the log: passwords become hashes, a login becomes a token, a token becomes an
 * identity. No password ever enters the log. Thread-safe; what takes long runs on the given
 * executor, and failures arrive in the futures.
 */
public final class Logins {
  private final Supplier<AuthView> view;
  private final Tokens tokens;
  private final Bcrypt bcrypt;
  private final Executor executor;

  /**
   * @param executor bounded, for bcrypt and signatures; what it rejects fails the call
   */
  public Logins(Supplier<AuthView> view, Tokens tokens, int bcryptCost, Executor executor) {
    this.view = view;
    this.tokens = tokens;
    this.bcrypt = new Bcrypt(bcryptCost);
    this.executor = executor;
  }

  /**
   * Who shows this token; nobody without one, or while auth is off. Fails with INVALID_AUTH_TOKEN.
   * Never blocks.
   */
  public Identity identify(Optional<String> token) {
    AuthView now = view.get();
    if (!now.enabled() || token.isEmpty()) {
      return Identity.NOBODY;
    }
    return tokens
        .identify(token.get(), now.revision())
        .orElseThrow(() -> new StoreException(ErrorCode.INVALID_AUTH_TOKEN));
  }

  /** Who the server itself acts as. */
  public Identity root() {
    return view.get().root();
  }

  /** The request as the log carries it: with the hash in place of the password. */
  public CompletableFuture<AuthUserAddRequest> hashed(AuthUserAddRequest request) {
    if (request.getOptions().getNoPassword()) {
      return CompletableFuture.completedFuture(request);
    }
    return CompletableFuture.supplyAsync(
        () ->
            request.toBuilder()
                .setHashedPassword(hash(request.getPassword()))
                .clearPassword()
                .build(),
        executor);
  }

  /** The same; without a password the hash that the client gave stands. */
  public CompletableFuture<AuthUserChangePasswordRequest> hashed(
      AuthUserChangePasswordRequest request) {
    if (request.getPassword().isEmpty()) {
      return CompletableFuture.completedFuture(request);
    }
    return CompletableFuture.supplyAsync(
        () ->
            request.toBuilder()
                .setHashedPassword(hash(request.getPassword()))
                .clearPassword()
                .build(),
        executor);
  }

  private String hash(String password) {
    return Base64.getEncoder().encodeToString(bcrypt.hash(password).toByteArray());
  }

  /**
   * Checks the password, proposes the login and makes its token; again where the users changed
   * meanwhile.
   *
   * @param propose gives the applied response
   */
  public CompletableFuture<AuthenticateResponse> login(
      String user,
      String password,
      Function<InternalRaftRequest, ? extends CompletionStage<AuthenticateResponse>> propose) {
    return CompletableFuture.supplyAsync(() -> checkPassword(user, password), executor)
        .thenCompose(
            checkedAt ->
                propose
                    .apply(proposal(user))
                    .thenCompose(
                        applied ->
                            checkedAt == view.get().revision()
                                ? sign(applied, user, checkedAt)
                                : login(user, password, propose)));
  }

  private InternalRaftRequest proposal(String user) {
    return InternalRaftRequest.newBuilder()
        .setAuthenticate(
            InternalAuthenticateRequest.newBuilder().setName(user).setSimpleToken(tokens.prefix()))
        .build();
  }

  private CompletableFuture<AuthenticateResponse> sign(
      AuthenticateResponse applied, String user, long authRevision) {
    return CompletableFuture.supplyAsync(
        () ->
            applied.toBuilder()
                .setToken(tokens.sign(applied.getToken(), user, authRevision))
                .build(),
        executor);
  }

  /** Returns the auth revision at which it was right. */
  private long checkPassword(String name, String password) {
    AuthView now = view.get();
    if (!now.enabled()) {
      throw new StoreException(ErrorCode.AUTH_NOT_ENABLED);
    }
    User user =
        now.user(name).orElseThrow(() -> new StoreException(ErrorCode.AUTHENTICATION_FAILED));
    if (user.getOptions().getNoPassword()) {
      throw new StoreException(ErrorCode.NO_PASSWORD_USER);
    }
    if (!bcrypt.matches(password, user.getPassword())) {
      throw new StoreException(ErrorCode.AUTHENTICATION_FAILED);
    }
    return now.revision();
  }
}
