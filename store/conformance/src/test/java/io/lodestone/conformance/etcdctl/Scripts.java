package io.lodestone.conformance.etcdctl;

import static io.lodestone.conformance.etcdctl.Step.etcdctl;
import static io.lodestone.conformance.etcdctl.Step.etcdutl;

import java.util.ArrayList;
import java.util.List;

/** The commands, in the order in which they are run. */
final class Scripts {
  private static final String[] FORMATS = {"simple", "json", "fields", "table"};

  private Scripts() {}

  static List<Step> all(boolean withEtcdutl) {
    List<Step> steps = new ArrayList<>();
    steps.addAll(keys());
    steps.addAll(txns());
    steps.addAll(watches());
    steps.addAll(leases());
    steps.addAll(maintenance());
    steps.addAll(members());
    steps.addAll(snapshots(withEtcdutl));
    steps.addAll(coordination());
    steps.addAll(auth());
    return steps;
  }

  private static List<Step> inAllFormats(String command) {
    List<Step> steps = new ArrayList<>();
    for (String format : FORMATS) {
      steps.add(etcdctl(command + " -w " + format));
    }
    return steps;
  }

  private static List<Step> keys() {
    List<Step> steps = new ArrayList<>(inAllFormats("put a 1"));
    for (int i = 0; i < 6; i++) {
      steps.add(etcdctl("put k" + i + " v" + (9 - i)));
    }
    steps.add(etcdctl("put a 2 --prev-kv"));
    steps.add(etcdctl("put b").reading("read from stdin"));
    steps.add(etcdctl("put a --ignore-value"));
    steps.add(etcdctl("put missing --ignore-value"));
    steps.add(etcdctl("put a 3 --lease=4711"));
    steps.add(etcdctl("put _ x"));
    steps.add(etcdctl("put"));
    steps.addAll(inAllFormats("get a"));
    steps.addAll(inAllFormats("get k --prefix"));
    for (String options :
        new String[] {
          "k0 k3",
          "k --prefix --limit=2",
          "k --prefix --keys-only",
          "k2 --from-key",
          "k --prefix --sort-by=VALUE --order=DESCEND",
          "k --prefix --sort-by=CREATE",
          "k --prefix --sort-by=BAD",
          "k --prefix --count-only -w fields",
          "missing",
          "a --print-value-only",
          "a --hex",
          "a --rev=2",
          "a --rev=999",
          "a --consistency=s",
          "k --prefix --order=ASCEND",
          "_ --prefix --keys-only",
          "a b c",
          "_"
        }) {
      steps.add(etcdctl("get " + options));
    }
    steps.addAll(inAllFormats("del k5 --prev-kv"));
    for (String options :
        new String[] {"k0 k2", "k4 --from-key --prev-kv", "missing", "k --prefix", "_"}) {
      steps.add(etcdctl("del " + options));
    }
    // Before leases: their ids, which the server chooses, are part of what is hashed.
    steps.addAll(inAllFormats("endpoint hashkv"));
    steps.add(etcdctl("endpoint hashkv --rev=5"));
    steps.add(etcdctl("endpoint hashkv --rev=5000"));
    return steps;
  }

  private static List<Step> txns() {
    String good = "mod(\"a\") > \"0\"\n\nput t 1\nget a\n\nget b\n\n";
    String failing =
        "value(\"a\") = \"nothing\"\nversion(\"b\") = \"1\"\n\nput t 2\n\ndel t\nget b\n\n";
    List<Step> steps = new ArrayList<>();
    for (String format : FORMATS) {
      steps.add(etcdctl("txn -w " + format).reading(good));
    }
    steps.add(etcdctl("txn").reading(failing));
    steps.add(etcdctl("txn").reading("\n\nput d 1\nput d 2\n\n\n"));
    steps.add(etcdctl("txn").reading("bad(\"a\") = \"1\"\n\n\n\n"));
    steps.add(etcdctl("txn").reading("create(\"none\") = \"0\"\n\nput n 1\ndel a\n\n\n\n"));
    return steps;
  }

  private static List<Step> watches() {
    return List.of(
        etcdctl("put w 1"),
        etcdctl("put w 2"),
        etcdctl("del w"),
        etcdctl("watch w --rev=1").untilLines(8),
        etcdctl("watch w --rev=1 --prev-kv").untilLines(12),
        etcdctl("watch w --rev=1 -w json").untilLines(1),
        etcdctl("watch w --rev=1 -w fields").untilLines(12),
        etcdctl("watch k k9 --rev=1").untilLines(18),
        etcdctl("watch k --prefix --rev=1").untilLines(18),
        etcdctl("watch w --rev=1 -- echo changed").untilLines(3),
        etcdctl("watch"));
  }

  private static List<Step> leases() {
    List<Step> steps = new ArrayList<>(inAllFormats("lease grant 600"));
    steps.add(etcdctl("lease grant 600").capturing("lease", "lease ([0-9a-f]+) granted"));
    steps.add(etcdctl("lease grant 0"));
    steps.add(etcdctl("lease grant x"));
    steps.add(etcdctl("lease grant 9000000001"));
    steps.add(etcdctl("put held 1 --lease={lease}"));
    steps.add(etcdctl("get held -w fields"));
    for (String format : FORMATS) {
      steps.add(etcdctl("lease timetolive {lease} --keys -w " + format).measuring());
    }
    steps.addAll(inAllFormats("lease keep-alive --once {lease}"));
    steps.add(etcdctl("lease keep-alive --once 1234567890abcdef"));
    steps.add(etcdctl("lease timetolive 1234567890abcdef"));
    steps.add(etcdctl("lease list").measuring());
    steps.add(etcdctl("lease revoke {lease}"));
    steps.add(etcdctl("lease revoke {lease}"));
    steps.add(etcdctl("lease revoke nonsense"));
    steps.add(etcdctl("get held"));
    return steps;
  }

  private static List<Step> maintenance() {
    List<Step> steps = new ArrayList<>();
    for (String command : new String[] {"endpoint status", "endpoint status --cluster"}) {
      for (String format : FORMATS) {
        steps.add(etcdctl(command + " -w " + format).measuring());
      }
    }
    steps.addAll(inAllFormats("endpoint health"));
    steps.add(
        etcdctl("--endpoints=127.0.0.1:1 --dial-timeout=1s --command-timeout=1s endpoint health")
            .measuring());
    steps.addAll(inAllFormats("alarm list"));
    steps.add(etcdctl("alarm disarm"));
    steps.add(etcdctl("compaction 5"));
    steps.add(etcdctl("compaction 5"));
    steps.add(etcdctl("compaction 6 --physical"));
    steps.add(etcdctl("compaction 9999"));
    steps.add(etcdctl("compaction x"));
    steps.add(etcdctl("get a --rev=3"));
    steps.add(etcdctl("watch w --rev=1"));
    steps.add(etcdctl("defrag"));
    steps.add(etcdctl("defrag --cluster"));
    return steps;
  }

  private static List<Step> members() {
    List<Step> steps = new ArrayList<>(inAllFormats("member list"));
    steps.add(etcdctl("member list").capturing("member", "([0-9a-f]+), started"));
    steps.add(etcdctl("member add"));
    steps.add(etcdctl("member add m2"));
    steps.add(etcdctl("member add m2 --peer-urls=nonsense"));
    steps.add(
        etcdctl("member add m2 --learner --peer-urls=http://127.0.0.1:1")
            .capturing("learner", "Member *([0-9a-f]+) added"));
    // In the same second it would get the same id, and be refused for that.
    steps.add(etcdctl("member add m3 --learner --peer-urls=http://127.0.0.1:1").inALaterSecond());
    steps.add(etcdctl("member list"));
    steps.add(etcdctl("member promote {learner}"));
    steps.add(etcdctl("member update {learner} --peer-urls=http://127.0.0.1:2"));
    steps.add(etcdctl("member remove {learner}"));
    steps.add(etcdctl("member remove {learner}"));
    steps.add(etcdctl("member remove 1234567890abcdef"));
    steps.add(etcdctl("member remove {member}"));
    steps.add(etcdctl("member update {member}"));
    steps.add(etcdctl("member promote {member}"));
    steps.add(etcdctl("member list"));
    steps.add(etcdctl("move-leader {member}"));
    steps.add(etcdctl("move-leader 1234567890abcdef"));
    return steps;
  }

  private static List<Step> snapshots(boolean withEtcdutl) {
    List<Step> steps = new ArrayList<>();
    steps.add(etcdctl("snapshot save saved.db"));
    for (String format : FORMATS) {
      steps.add(etcdctl("snapshot status saved.db -w " + format).measuring());
    }
    steps.add(etcdctl("snapshot status missing.db"));
    steps.add(etcdctl("snapshot restore saved.db --data-dir restored"));
    steps.add(etcdctl("snapshot restore saved.db --data-dir restored"));
    if (withEtcdutl) {
      for (String format : FORMATS) {
        steps.add(etcdutl("snapshot status saved.db -w " + format).measuring());
      }
      steps.add(etcdutl("snapshot restore saved.db --data-dir again"));
      steps.add(etcdutl("defrag --data-dir again"));
    }
    return steps;
  }

  private static List<Step> coordination() {
    return List.of(
        etcdctl("lock l echo held"),
        etcdctl("lock l false"),
        etcdctl("lock l").untilLines(1),
        etcdctl("elect crown me").untilLines(2),
        etcdctl("elect"),
        etcdctl("lock"));
  }

  private static List<Step> auth() {
    List<Step> steps = new ArrayList<>();
    for (String command :
        new String[] {
          "auth enable",
          "user add root:secret",
          "user add ann:pass",
          "user add ann:pass",
          "user add bob --no-password",
          "user list",
          "user get ann",
          "user get nobody",
          "role add root",
          "role add reader",
          "role add reader",
          "role list",
          "role grant-permission reader read k k9",
          "role grant-permission reader write w",
          "role grant-permission reader readwrite p --prefix",
          "role grant-permission reader bad w",
          "role grant-permission nobody read w",
          "role get reader",
          "role get nobody",
          "user grant-role root root",
          "user grant-role ann reader",
          "user grant-role ann nobody",
          "user get ann --detail",
          "role revoke-permission reader w",
          "role revoke-permission reader w",
          "auth enable",
          "get a",
          "--user root:wrong get a",
          "--user root:secret get a",
          "--user ann:pass get k1",
          "--user ann:pass get a",
          "--user ann:pass put k1 x",
          "--user ann:pass put pq x",
          "--user ann:pass del a",
          "--user ann:pass user list",
          "--user ann:pass get _ --prefix",
          "--user root:secret role list",
          "--user ann:pass endpoint status -w json",
          "--user root:secret auth status",
          "--user ann:pass lease grant 60",
          "--user ann:pass member list",
          "--user root:secret user revoke-role ann reader",
          "--user ann:pass get k1",
          "--user root:secret user delete ann",
          "--user root:secret user delete root",
          "--user root:secret role delete reader",
          "--user root:secret role delete root",
          "auth disable",
          "--user root:secret auth disable",
          "get a",
          "user list",
          "role list"
        }) {
      steps.add(etcdctl(command));
    }
    steps.add(20, etcdctl("user passwd ann --interactive=false").reading("pass\n"));
    steps.add(21, etcdctl("user add eve --interactive=false").reading("pass\n"));
    return steps;
  }
}
