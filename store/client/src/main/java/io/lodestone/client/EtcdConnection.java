package io.lodestone.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.KeyRange;
import io.lodestone.api.LeaseId;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.AuthGrpc;
import io.lodestone.api.etcdserverpb.AuthStatusRequest;
import io.lodestone.api.etcdserverpb.AuthenticateRequest;
import io.lodestone.api.etcdserverpb.ClusterGrpc;
import io.lodestone.api.etcdserverpb.CompactionRequest;
import io.lodestone.api.etcdserverpb.DefragmentRequest;
import io.lodestone.api.etcdserverpb.DefragmentResponse;
import io.lodestone.api.etcdserverpb.HashKVRequest;
import io.lodestone.api.etcdserverpb.HashKVResponse;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.LeaseLeasesRequest;
import io.lodestone.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.lodestone.api.etcdserverpb.LeaseTimeToLiveResponse;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.api.etcdserverpb.MemberListRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.StatusRequest;
import io.lodestone.api.etcdserverpb.StatusResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A connection to one cluster through any number of its members.
 *
 * <p>{@link #read} goes to the member that answered last and moves on to the others when it fails;
 * {@link #write} moves on only where the request certainly was not done; {@link #ask} stays on one
 * member. All log in as needed, check that the answer is of this cluster, and fail with a {@link
 * StoreException} where the server refuses, an {@link UnavailableException} where it cannot be
 * asked. Connects on first use. Thread-safe.
 */
public final class EtcdConnection implements AutoCloseable {
  private static final int ROUNDS = 4;
  private static final long FIRST_PAUSE_MILLIS = 100;

  /** Hashing or scanning the whole keyspace takes a member longer than a usual request. */
  private static final int SLOW_CALL_FACTOR = 24;

  /** A member answers once it has rewritten its whole file. */
  private static final int DEFRAGMENT_FACTOR = 120;

  /** A key that nobody uses, to ask about revisions with. */
  static final ByteString UNUSED_KEY = ByteString.copyFrom(new byte[] {0});

  private final ClientOptions options;
  private final ClusterIdentity identity = new ClusterIdentity();
  private final Map<Endpoint, MemberChannel> channels = new LinkedHashMap<>();
  private final Map<Endpoint, Channel> loggedIn = new LinkedHashMap<>();
  private final Tokens tokens = new Tokens(this::login);
  private final AtomicInteger preferred = new AtomicInteger();

  private EtcdConnection(ClientOptions options) {
    this.options = options;
  }

  /** Reads the TLS files; fails if they are unusable. Does not connect yet. */
  public static EtcdConnection open(ClientOptions options) {
    EtcdConnection connection = new EtcdConnection(options);
    for (Endpoint endpoint : options.endpoints()) {
      MemberChannel channel = Channels.open(endpoint, options);
      connection.channels.put(endpoint, channel);
      connection.loggedIn.put(
          endpoint,
          options.credentials().isPresent()
              ? ClientInterceptors.intercept(channel, connection.tokens)
              : channel);
    }
    return connection;
  }

  public List<Endpoint> endpoints() {
    return options.endpoints();
  }

  /** A channel to one member, with our login on every call, for generated stubs. */
  public Channel channel(Endpoint endpoint) {
    channels.get(endpoint).revive();
    return loggedIn.get(endpoint);
  }

  /**
   * A channel for calls in the name of others, which bring their own login: to the member that
   * answered last, or, where that one cannot be reached, to the next that can, as far as is known.
   */
  public Channel channelWithoutLogin() {
    int first = preferred.get();
    for (int i = 0; i < endpoints().size(); i++) {
      MemberChannel channel = channels.get(endpoints().get((first + i) % endpoints().size()));
      if (!channel.isUnreachable()) {
        return channel;
      }
    }
    channels.values().forEach(MemberChannel::revive);
    return channels.get(endpoints().get(first));
  }

  /** A request that may be repeated: asks member after member, for about two call timeouts. */
  public <Q extends Message, A extends Message> A read(MethodDescriptor<Q, A> method, Q request) {
    return anywhere(method, request, CallSafety.REPEATABLE, loggedIn);
  }

  /**
   * A request that is done at most once. After an {@link UnavailableException} that is not {@link
   * UnavailableException#neverSent} nobody knows whether it was.
   */
  public <Q extends Message, A extends Message> A write(MethodDescriptor<Q, A> method, Q request) {
    return anywhere(method, request, CallSafety.AT_MOST_ONCE, loggedIn);
  }

  /** A request to this member and no other, not repeated but for an expired login. */
  public <Q extends Message, A extends Message> A ask(
      Endpoint endpoint, MethodDescriptor<Q, A> method, Q request) {
    return ask(endpoint, method, request, options.callTimeout());
  }

  private <Q extends Message, A extends Message> A ask(
      Endpoint endpoint, MethodDescriptor<Q, A> method, Q request, Duration timeout) {
    Call<Q, A> call = new Call<>(method, request, timeout);
    return withFreshLogin(endpoint, call, channel(endpoint));
  }

  public StatusResponse status(Endpoint endpoint) {
    return ask(endpoint, MaintenanceGrpc.getStatusMethod(), StatusRequest.getDefaultInstance());
  }

  /**
   * The member's hash of the keyspace at {@code revision}, 0 for the current one. Reads its whole
   * database; needs the root role where authentication is on.
   */
  public HashKVResponse hashKv(Endpoint endpoint, long revision) {
    return ask(
        endpoint,
        MaintenanceGrpc.getHashKVMethod(),
        HashKVRequest.newBuilder().setRevision(revision).build(),
        options.callTimeout().multipliedBy(SLOW_CALL_FACTOR));
  }

  /** Whether any key is alive on the member at {@code revision}. */
  public boolean holdsKeys(Endpoint endpoint, long revision) {
    RangeRequest first =
        RangeRequest.newBuilder()
            .setKey(KeyRange.all().start())
            .setRangeEnd(KeyRange.all().end())
            .setRevision(revision)
            .setKeysOnly(true)
            .setLimit(1)
            .setSerializable(true)
            .build();
    return ask(endpoint, KVGrpc.getRangeMethod(), first).getKvsCount() > 0;
  }

  /** Gives the member's free pages back to its disk. It serves nothing meanwhile. */
  public void defragment(Endpoint endpoint) {
    DefragmentResponse unused =
        ask(
            endpoint,
            MaintenanceGrpc.getDefragmentMethod(),
            DefragmentRequest.getDefaultInstance(),
            options.callTimeout().multipliedBy(DEFRAGMENT_FACTOR));
  }

  public List<Member> memberList() {
    return read(ClusterGrpc.getMemberListMethod(), MemberListRequest.getDefaultInstance())
        .getMembersList();
  }

  /** The ids of all leases, as they are at the cluster's newest revision or later. */
  public Set<LeaseId> leases() {
    revision(); // a linearizable read: whoever answers it is asked next, and is up to date by then
    Set<LeaseId> leases = new LinkedHashSet<>();
    read(LeaseGrpc.getLeaseLeasesMethod(), LeaseLeasesRequest.getDefaultInstance())
        .getLeasesList()
        .forEach(lease -> leases.add(new LeaseId(lease.getID())));
    return leases;
  }

  /** The TTL that {@code lease} was granted, in seconds; empty where there is no such lease. */
  public OptionalLong grantedTtlSeconds(LeaseId lease) {
    LeaseTimeToLiveResponse answer =
        read(
            LeaseGrpc.getLeaseTimeToLiveMethod(),
            LeaseTimeToLiveRequest.newBuilder().setID(lease.value()).build());
    return answer.getTTL() < 0 ? OptionalLong.empty() : OptionalLong.of(answer.getGrantedTTL());
  }

  /** Compacts at {@code revision}; waits until the rows are gone. */
  public void compact(long revision) {
    write(
        KVGrpc.getCompactMethod(),
        CompactionRequest.newBuilder().setRevision(revision).setPhysical(true).build());
  }

  /** The cluster's newest revision, by a linearizable read. */
  public long revision() {
    RangeRequest request = RangeRequest.newBuilder().setKey(UNUSED_KEY).setCountOnly(true).build();
    return read(KVGrpc.getRangeMethod(), request).getHeader().getRevision();
  }

  /** The same for a user who may read nothing but {@code readable}. */
  public long revision(KeyRange readable) {
    RangeRequest request =
        RangeRequest.newBuilder().setKey(readable.start()).setCountOnly(true).build();
    return read(KVGrpc.getRangeMethod(), request).getHeader().getRevision();
  }

  /**
   * The count of all changes of users, roles and permissions; empty on 3.4, which does not tell.
   * Needs the root role where authentication is on.
   */
  public OptionalLong authRevision() {
    try {
      return OptionalLong.of(
          read(AuthGrpc.getAuthStatusMethod(), AuthStatusRequest.getDefaultInstance())
              .getAuthRevision());
    } catch (LodestoneException e) {
      if (CallFailures.isUnimplemented(e)) {
        return OptionalLong.empty();
      }
      throw e;
    }
  }

  public long clusterId() {
    if (identity.clusterId() == 0) {
      memberList();
    }
    return identity.clusterId();
  }

  ClusterIdentity identity() {
    return identity;
  }

  boolean hasCredentials() {
    return options.credentials().isPresent();
  }

  void forgetLogin() {
    tokens.forget();
  }

  private enum CallSafety {
    REPEATABLE,
    AT_MOST_ONCE
  }

  private record Call<Q extends Message, A extends Message>(
      MethodDescriptor<Q, A> method, Q request, Duration timeout) {
    String on(Endpoint endpoint) {
      return method.getBareMethodName() + " on " + endpoint;
    }
  }

  private <Q extends Message, A extends Message> A anywhere(
      MethodDescriptor<Q, A> method,
      Q request,
      CallSafety safety,
      Map<Endpoint, ? extends Channel> through) {
    Call<Q, A> call = new Call<>(method, request, options.callTimeout());
    long giveUpAt = System.nanoTime() + options.callTimeout().multipliedBy(2).toNanos();
    int first = preferred.get();
    int members = endpoints().size();
    for (int attempt = 0; ; attempt++) {
      int index = (first + attempt) % members;
      Endpoint endpoint = endpoints().get(index);
      channels.get(endpoint).revive();
      try {
        A answer = withFreshLogin(endpoint, call, through.get(endpoint));
        preferred.set(index);
        return answer;
      } catch (LodestoneException e) {
        boolean exhausted = attempt + 1 >= members * ROUNDS || System.nanoTime() - giveUpAt >= 0;
        if (exhausted || !mayMoveOn(e, safety)) {
          throw e;
        }
      }
      if (index == (first + members - 1) % members) {
        pause(FIRST_PAUSE_MILLIS << (2 * (attempt / members)));
      }
    }
  }

  private static boolean mayMoveOn(LodestoneException failure, CallSafety safety) {
    if (failure instanceof UnavailableException unavailable) {
      return safety == CallSafety.REPEATABLE || unavailable.neverSent();
    }
    return safety == CallSafety.REPEATABLE
        && failure instanceof StoreException refused
        && refused.code().status() == Status.Code.UNAVAILABLE;
  }

  private <Q extends Message, A extends Message> A withFreshLogin(
      Endpoint endpoint, Call<Q, A> call, Channel channel) {
    try {
      return once(endpoint, call, channel);
    } catch (StoreException e) {
      if (!hasCredentials() || !Tokens.isStale(e.code())) {
        throw e;
      }
      return once(endpoint, call, channel);
    }
  }

  private <Q extends Message, A extends Message> A once(
      Endpoint endpoint, Call<Q, A> call, Channel channel) {
    CallOptions callOptions =
        CallOptions.DEFAULT.withDeadlineAfter(call.timeout().toMillis(), TimeUnit.MILLISECONDS);
    try {
      A answer = ClientCalls.blockingUnaryCall(channel, call.method(), callOptions, call.request());
      identity.check(answer, endpoint);
      return answer;
    } catch (StatusRuntimeException e) {
      throw CallFailures.of(call.on(endpoint), e.getStatus(), e);
    }
  }

  /** Logging in through the channels without a login; two clients may do so at once. */
  private String login() {
    Credentials credentials = options.credentials().orElseThrow();
    AuthenticateRequest request =
        AuthenticateRequest.newBuilder()
            .setName(credentials.user())
            .setPassword(credentials.password())
            .build();
    try {
      return anywhere(AuthGrpc.getAuthenticateMethod(), request, CallSafety.REPEATABLE, channels)
          .getToken();
    } catch (StoreException e) {
      if (e.code() == ErrorCode.AUTH_NOT_ENABLED) {
        return "";
      }
      throw e;
    }
  }

  private static void pause(long millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LodestoneException(
          "asking the cluster was interrupted", "the program is stopping; start it again", e);
    }
  }

  @Override
  public void close() {
    channels.values().forEach(MemberChannel::close);
  }
}
