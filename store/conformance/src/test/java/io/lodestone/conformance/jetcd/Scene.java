package io.lodestone.conformance.jetcd;

import static io.lodestone.conformance.jetcd.Transcript.bytes;
import static io.lodestone.conformance.jetcd.Transcript.text;

import com.google.errorprone.annotations.Immutable;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.Lease;
import io.etcd.jetcd.auth.Permission;
import io.etcd.jetcd.cluster.Member;
import io.etcd.jetcd.election.LeaderKey;
import io.etcd.jetcd.maintenance.AlarmMember;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.CompactOption;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.LeaseOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.WatchOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** What a program does with jetcd. */
enum Scene {
  KEYS(Scene::keys),
  TRANSACTIONS(Scene::transactions),
  HISTORY(Scene::history),
  WATCHES(Scene::watches),
  LEASES(Scene::leases),
  LOCKS(Scene::locks),
  ELECTIONS(Scene::elections),
  USERS(Scene::users),
  UPKEEP(Scene::upkeep);

  /** As key and as end of a range: every key there is. */
  private static final ByteSequence ALL = ByteSequence.from(new byte[] {0});

  private final Script script;

  Scene(Script script) {
    this.script = script;
  }

  void play(String endpoint, Transcript seen) throws Exception {
    try (Client client = Client.builder().endpoints(endpoint).build()) {
      script.play(client, endpoint, seen);
    }
  }

  @Immutable
  @FunctionalInterface
  private interface Script {
    void play(Client client, String endpoint, Transcript seen) throws Exception;
  }

  private static void keys(Client client, String endpoint, Transcript seen) throws Exception {
    KV kv = client.getKVClient();
    PutOption withBefore = PutOption.builder().withPrevKV().build();
    for (String key : new String[] {"b", "a", "c", "a"}) {
      seen.ask(
          "put " + key,
          kv.put(bytes(key), bytes("value of " + key), withBefore),
          put -> put.hasPrevKv() ? text(put.getPrevKv()) : "new");
    }
    seen.ask("get a", kv.get(bytes("a")), get -> text(get.getKvs()));
    seen.ask("get nothing", kv.get(bytes("x")), get -> get.getCount());
    seen.ask("get all", kv.get(ALL, everything().build()), get -> text(get.getKvs()));
    seen.ask(
        "get two, newest first",
        kv.get(
            ALL,
            everything()
                .withLimit(2)
                .withSortField(GetOption.SortTarget.MOD)
                .withSortOrder(GetOption.SortOrder.DESCEND)
                .build()),
        get -> text(get.getKvs()) + " of " + get.getCount() + ", more: " + get.isMore());
    seen.ask(
        "count",
        kv.get(bytes("a"), GetOption.builder().withRange(bytes("c")).withCountOnly(true).build()),
        get -> get.getCount() + text(get.getKvs()));
    seen.ask(
        "keys only",
        kv.get(bytes("b"), GetOption.builder().withKeysOnly(true).build()),
        get -> text(get.getKvs()));
    seen.ask(
        "delete",
        kv.delete(bytes("a"), DeleteOption.builder().withPrevKV(true).isPrefix(true).build()),
        del -> del.getDeleted() + text(del.getPrevKvs()));
    seen.refused("put nothing", kv.put(ByteSequence.EMPTY, bytes("v")));
    seen.refused("put too much", kv.put(bytes("big"), ByteSequence.from(new byte[1_600_000])));
  }

  private static GetOption.Builder everything() {
    return GetOption.builder().withRange(ALL);
  }

  private static void transactions(Client client, String endpoint, Transcript seen)
      throws Exception {
    KV kv = client.getKVClient();
    Cmp absent = new Cmp(bytes("k"), Cmp.Op.EQUAL, CmpTarget.version(0));
    Op put = Op.put(bytes("k"), bytes("v"), PutOption.DEFAULT);
    Op get = Op.get(bytes("k"), GetOption.DEFAULT);
    Op delete = Op.delete(bytes("k"), DeleteOption.DEFAULT);
    for (int i = 0; i < 2; i++) {
      seen.ask(
          "swap",
          kv.txn().If(absent).Then(put, get).Else(get, delete).commit(),
          txn ->
              "%s, %d puts, %d deletes, %s"
                  .formatted(
                      txn.isSucceeded(),
                      txn.getPutResponses().size(),
                      txn.getDeleteResponses().size(),
                      txn.getGetResponses().stream().map(got -> text(got.getKvs())).toList()));
    }
    Op.TxnOp inner = Op.txn(new Cmp[] {absent}, new Op[] {put}, new Op[] {get});
    seen.ask(
        "nested", kv.txn().Then(inner).commit(), txn -> txn.getTxnResponses().get(0).isSucceeded());
    seen.refused("one key put twice", kv.txn().Then(put, put).commit());
  }

  private static void history(Client client, String endpoint, Transcript seen) throws Exception {
    KV kv = client.getKVClient();
    for (int i = 1; i <= 5; i++) {
      seen.ask("put", kv.put(bytes("k"), bytes("v" + i)));
    }
    GetOption third = GetOption.builder().withRevision(3).build();
    seen.ask("at 3", kv.get(bytes("k"), third), get -> text(get.getKvs()));
    seen.ask("compact", kv.compact(4, CompactOption.builder().withCompactPhysical(true).build()));
    seen.refused("at 3 again", kv.get(bytes("k"), third));
    seen.refused("at 99", kv.get(bytes("k"), GetOption.builder().withRevision(99).build()));
    seen.refused("compact again", kv.compact(4));
  }

  private static void watches(Client client, String endpoint, Transcript seen) throws Exception {
    KV kv = client.getKVClient();
    WatchOption.Builder fromTheStart = WatchOption.builder().isPrefix(true).withRevision(1);
    try (Watched all = new Watched(client, "w", fromTheStart.withPrevKV(true).build());
        Watched deletes = new Watched(client, "w", fromTheStart.withNoPut(true).build())) {
      for (String key : new String[] {"w1", "w2", "other", "w1"}) {
        seen.ask("put " + key, kv.put(bytes(key), bytes("v")));
      }
      seen.ask(
          "delete both",
          kv.delete(bytes("w"), DeleteOption.builder().isPrefix(true).build()),
          del -> del.getDeleted());
      all.take(5).forEach(seen::say);
      deletes.take(2).forEach(seen::say);
    }
    seen.ask("compact", kv.compact(4));
    WatchOption compacted = WatchOption.builder().withRevision(2).build();
    try (Watched late = new Watched(client, "w", compacted)) {
      seen.say("watch at 2 refused: " + Transcript.refusal(late.failure()));
    }
  }

  private static void leases(Client client, String endpoint, Transcript seen) throws Exception {
    Lease leases = client.getLeaseClient();
    KV kv = client.getKVClient();
    long id = seen.ask("grant", leases.grant(100), grant -> grant.getTTL()).getID();
    PutOption leased = PutOption.builder().withLeaseId(id).build();
    seen.ask("put a", kv.put(bytes("a"), bytes("v"), leased));
    seen.ask("put b", kv.put(bytes("b"), bytes("v"), leased));
    seen.ask(
        "time to live",
        leases.timeToLive(id, LeaseOption.builder().withAttachedKeys().build()),
        ttl ->
            ttl.getGrantedTTL()
                + " granted, "
                + ttl.getKeys().stream().map(Transcript::text).sorted().toList());
    seen.ask("keep alive", leases.keepAliveOnce(id), alive -> alive.getTTL());
    seen.ask("get a", kv.get(bytes("a")), get -> text(get.getKvs()));
    seen.ask("revoke", leases.revoke(id));
    seen.ask("what is left", kv.get(ALL, everything().build()), get -> text(get.getKvs()));
    seen.refused("revoke again", leases.revoke(id));
    seen.refused("keep alive again", leases.keepAliveOnce(id));
    seen.refused(
        "put with it", kv.put(bytes("a"), bytes("v"), PutOption.builder().withLeaseId(7).build()));
  }

  private static void locks(Client client, String endpoint, Transcript seen) throws Exception {
    long first = client.getLeaseClient().grant(60).get().getID();
    long second = client.getLeaseClient().grant(60).get().getID();
    var held = seen.ask("lock", client.getLockClient().lock(bytes("door"), first));
    var waiting = client.getLockClient().lock(bytes("door"), second);
    Watched.awaitKeys(client, "door/", 2);
    seen.say("the second waits: " + !waiting.isDone());
    seen.ask("unlock", client.getLockClient().unlock(held.getKey()));
    var next = waiting.get(20, TimeUnit.SECONDS);
    seen.say("the second has it: " + text(next.getKey()).endsWith(Long.toHexString(second)));
    seen.refused("lock without a lease", client.getLockClient().lock(bytes("door"), 4711));
  }

  private static void elections(Client client, String endpoint, Transcript seen) throws Exception {
    long first = client.getLeaseClient().grant(60).get().getID();
    long second = client.getLeaseClient().grant(60).get().getID();
    var elections = client.getElectionClient();
    seen.refused("no leader", elections.leader(bytes("e")));
    LeaderKey one =
        seen.ask("campaign", elections.campaign(bytes("e"), first, bytes("one"))).getLeader();
    var next = elections.campaign(bytes("e"), second, bytes("two"));
    Watched.awaitKeys(client, "e/", 2);
    seen.ask("proclaim", elections.proclaim(one, bytes("uno")));
    seen.ask("leader", elections.leader(bytes("e")), leader -> text(leader.getKv().getValue()));
    seen.ask("resign", elections.resign(one));
    next.get(20, TimeUnit.SECONDS);
    seen.ask("leader", elections.leader(bytes("e")), leader -> text(leader.getKv().getValue()));
    seen.refused("proclaim after the end", elections.proclaim(one, bytes("late")));
  }

  private static void users(Client client, String endpoint, Transcript seen) throws Exception {
    var auth = client.getAuthClient();
    seen.ask("role", auth.roleAdd(bytes("root")));
    seen.ask("role", auth.roleAdd(bytes("reader")));
    seen.ask(
        "permission",
        auth.roleGrantPermission(bytes("reader"), bytes("r/"), bytes("r0"), Permission.Type.READ));
    seen.ask("user", auth.userAdd(bytes("root"), bytes("secret")));
    seen.ask("user", auth.userAdd(bytes("ann"), bytes("pass")));
    seen.ask("grant", auth.userGrantRole(bytes("root"), bytes("root")));
    seen.ask("grant", auth.userGrantRole(bytes("ann"), bytes("reader")));
    seen.refused("user again", auth.userAdd(bytes("ann"), bytes("pass")));
    seen.ask("users", auth.userList(), users -> users.getUsers());
    seen.ask("roles", auth.roleList(), roles -> roles.getRoles());
    seen.ask("ann", auth.userGet(bytes("ann")), user -> user.getRoles());
    seen.ask("enable", auth.authEnable());
    seen.refused("nobody", client.getKVClient().get(bytes("r/1")));
    try (Client root = login(endpoint, "root", "secret");
        Client ann = login(endpoint, "ann", "pass");
        Client stranger = login(endpoint, "ann", "wrong")) {
      seen.ask("root puts", root.getKVClient().put(bytes("r/1"), bytes("v")));
      seen.ask("ann reads", ann.getKVClient().get(bytes("r/1")), get -> text(get.getKvs()));
      seen.refused("ann puts", ann.getKVClient().put(bytes("r/1"), bytes("v")));
      seen.refused("ann reads all", ann.getKVClient().get(bytes("s")));
      seen.refused("wrong password", stranger.getKVClient().get(bytes("r/1")));
      seen.ask("disable", root.getAuthClient().authDisable());
    }
    seen.ask("nobody again", client.getKVClient().get(bytes("r/1")), get -> text(get.getKvs()));
  }

  private static Client login(String endpoint, String user, String password) {
    return Client.builder().endpoints(endpoint).user(bytes(user)).password(bytes(password)).build();
  }

  private static void upkeep(Client client, String endpoint, Transcript seen) throws Exception {
    seen.ask(
        "members",
        client.getClusterClient().listMember(),
        list -> list.getMembers().stream().map(Member::getName).toList());
    seen.ask("put", client.getKVClient().put(bytes("k"), bytes("v")));
    var maintenance = client.getMaintenanceClient();
    seen.ask(
        "status",
        maintenance.statusMember(endpoint),
        status -> status.getVersion().startsWith("3.5") + " " + status.isLearner());
    seen.ask(
        "alarms",
        maintenance.listAlarms(),
        alarms -> alarms.getAlarms().stream().map(AlarmMember::getAlarmType).toList());
    seen.ask("hash", maintenance.hashKV(endpoint, 0), hash -> hash.getHash());
    seen.ask("defragment", maintenance.defragmentMember(endpoint));
    CompletableFuture<Long> size = new CompletableFuture<>();
    maintenance.snapshot(new SnapshotSize(size));
    seen.say("snapshot in whole pages: " + (size.get(20, TimeUnit.SECONDS) - 32) % 4096);
  }
}
