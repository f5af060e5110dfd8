package io.lodestone.conformance.requests;

import com.google.protobuf.ByteString;
import io.lodestone.api.etcdserverpb.AuthenticateRequest;
import io.lodestone.api.etcdserverpb.AuthenticateResponse;
import io.lodestone.api.etcdserverpb.CompactionRequest;
import io.lodestone.api.etcdserverpb.HashKVRequest;
import io.lodestone.api.etcdserverpb.LeaseGrantRequest;
import io.lodestone.api.etcdserverpb.LeaseKeepAliveRequest;
import io.lodestone.api.etcdserverpb.LeaseLeasesRequest;
import io.lodestone.api.etcdserverpb.LeaseRevokeRequest;
import io.lodestone.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.lodestone.api.etcdserverpb.MemberListRequest;
import io.lodestone.api.etcdserverpb.StatusRequest;
import io.lodestone.api.etcdserverpb.WatchCreateRequest;
import io.lodestone.api.etcdserverpb.WatchRequest;
import java.util.ArrayList;
import java.util.List;

/**
 * Auth: users and roles come and go, auth is switched on and off, and everybody, with a good token,
 * an old one, a wrong one or none, tries the other services.
 */
final class Guarded implements Game {
  private static final ByteString FROM_KEY_ON = ByteString.copyFrom(new byte[1]);

  private static final int TOKENS = 4;

  private final Dice dice;
  private final Vocabulary words;
  private final KvRequests single;
  private final TxnRequests txns;
  private final AuthActs auth;
  private final Menu menu;
  private final List<String> tokens = new ArrayList<>();

  Guarded(Dice dice) {
    this.dice = dice;
    this.words = Vocabulary.orderly(dice);
    this.single = new KvRequests(words);
    this.txns = new TxnRequests(words);
    this.auth = new AuthActs(words);
    this.menu =
        new Menu(dice)
            .add(9, duel -> play(duel, auth.change()))
            .add(8, duel -> play(duel, auth.question()))
            .add(10, this::authenticate)
            .add(3, this::provide)
            .add(1, duel -> play(duel, auth.disable()))
            .add(1, this::watch)
            .add(1, this::keepAlive)
            .add(12, duel -> play(duel, new Call("KV/Put", single.put())))
            .add(16, duel -> play(duel, new Call("KV/Range", single.range(duel.revision()))))
            .add(6, duel -> play(duel, new Call("KV/DeleteRange", single.delete())))
            .add(12, duel -> play(duel, new Call("KV/Txn", txns.txn(duel.revision()))))
            .add(8, this::other);
  }

  @Override
  public void open(Duel duel) {
    provide(duel);
  }

  /** Users, roles and tokens are not seen by a look at the keys. */
  @Override
  public boolean goesOnAfterDifference() {
    return false;
  }

  @Override
  public void turn(Duel duel) throws InterruptedException {
    menu.draw().play(duel);
  }

  private void play(Duel duel, Call call) {
    duel.call(new Call(call.rpc(), call.request(), token()));
  }

  /** Mostly one of the last few tokens. */
  private String token() {
    if (tokens.isEmpty() || dice.oneIn(6)) {
      return dice.oneIn(4) ? dice.pick("nobody's.1", "nonsense") : "";
    }
    return tokens.get(tokens.size() - 1 - dice.below(Math.min(tokens.size(), TOKENS)));
  }

  private void authenticate(Duel duel) {
    authenticate(duel, auth.user(), auth.password());
  }

  private void authenticate(Duel duel, String user, String password) {
    Answer answer =
        duel.call(
            "Auth/Authenticate",
            AuthenticateRequest.newBuilder().setName(user).setPassword(password).build());
    if (answer.ok()) {
      tokens.add(answer.message(AuthenticateResponse.class).getToken());
    }
  }

  /** Whatever is missing for auth to be switched on, and on it goes. */
  private void provide(Duel duel) {
    play(duel, new Call("Auth/RoleAdd", auth.roleAdd("root")));
    play(duel, new Call("Auth/UserAdd", auth.userAdd("root", "one")));
    play(duel, new Call("Auth/UserGrantRole", auth.grantRole("root", "root")));
    play(duel, auth.enable());
    authenticate(duel, "root", "one");
    authenticate(duel, "root", "two");
    provide(duel, "ann", "reader");
    provide(duel, "bob", "writer");
  }

  /** A user that may do something, and is logged in. */
  private void provide(Duel duel, String user, String role) {
    play(duel, new Call("Auth/RoleAdd", auth.roleAdd(role)));
    play(duel, new Call("Auth/RoleGrantPermission", auth.grantPermission(role)));
    play(duel, new Call("Auth/UserAdd", auth.userAdd(user, "one")));
    play(duel, new Call("Auth/UserGrantRole", auth.grantRole(user, role)));
    authenticate(duel, user, "one");
  }

  /** What needs root, a login, or nothing. */
  private void other(Duel duel) {
    long lease = 1L + dice.below(Vocabulary.LEASES);
    play(
        duel,
        switch (dice.below(8)) {
          case 0, 1 ->
              new Call(
                  "Lease/LeaseGrant",
                  LeaseGrantRequest.newBuilder().setID(lease).setTTL(5000).build());
          case 2 ->
              new Call("Lease/LeaseRevoke", LeaseRevokeRequest.newBuilder().setID(lease).build());
          case 3 ->
              new Call(
                  "Lease/LeaseTimeToLive",
                  LeaseTimeToLiveRequest.newBuilder().setID(lease).setKeys(true).build());
          case 4 -> new Call("Lease/LeaseLeases", LeaseLeasesRequest.getDefaultInstance());
          case 5 -> new Call("Cluster/MemberList", MemberListRequest.getDefaultInstance());
          case 6 ->
              dice.coin()
                  ? new Call("Maintenance/Status", StatusRequest.getDefaultInstance())
                  : new Call("Maintenance/HashKV", HashKVRequest.getDefaultInstance());
          default ->
              new Call(
                  "KV/Compact",
                  CompactionRequest.newBuilder()
                      .setRevision(Math.max(1, duel.revision() - dice.below(30)))
                      .setPhysical(true)
                      .build());
        });
  }

  /**
   * Not from a key on: there etcd 3.5 asks for the permission of the first key only, and so shows
   * what the user must not read. The candidate need not follow it in that.
   */
  private void watch(Duel duel) throws InterruptedException {
    try (WatchPair pair = new WatchPair(duel, token())) {
      WatchCreateRequest.Builder create = WatchCreateRequest.newBuilder().setKey(words.key());
      ByteString end = words.rangeEnd(create.getKey());
      create.setRangeEnd(end.equals(FROM_KEY_ON) ? ByteString.EMPTY : end);
      pair.ask(WatchRequest.newBuilder().setCreateRequest(create).build(), 1);
      pair.finish();
    }
  }

  private void keepAlive(Duel duel) throws InterruptedException {
    LeaseKeepAliveRequest request =
        LeaseKeepAliveRequest.newBuilder().setID(1 + dice.below(Vocabulary.LEASES)).build();
    duel.converse("Lease/LeaseKeepAlive", token(), List.of(request));
  }
}
