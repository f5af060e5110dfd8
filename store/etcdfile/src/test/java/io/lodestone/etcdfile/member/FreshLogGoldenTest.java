package io.lodestone.etcdfile.member;

import static org.assertj.core.api.Assertions.assertThat;

import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.etcdfile.wal.FreshLog;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The bytes that etcd 3.5's own restore tool writes for the same cluster. */
class FreshLogGoldenTest {
  private static final ClusterSpec CLUSTER =
      new ClusterSpec(
          "tok9",
          List.of(
              new MemberSpec("m1", List.of("http://127.0.0.1:23801")),
              new MemberSpec("m2", List.of("http://127.0.0.1:23802"))));

  private static final String WAL_OF_M1 =
      """
      0400000000000084 08041000 00000000
      1e00000000000082 080110eca2e91a1a1508c6eadcf6958581d5e60110ece9b1c4f0a0d7e07f 0000
      0d00000000000083 080510d3b1da5a1a0408001000 000000
      7000000000000000 080210efee9fbb0f1a66080110011801225e0800100018c6eadcf6958581d5e601224d\
      7b226964223a31363632313130313935303439353536393232322c227065657255524c73223a5b22687474703a\
      2f2f3132372e302e302e313a3233383031225d2c226e616d65223a226d31227d
      7000000000000000 080210a6fda5d20d1a66080110011802225e0800100018e7beafbda4cbfaf3ed01224d\
      7b226964223a31373134323932383138303037393438343737352c227065657255524c73223a5b22687474703a\
      2f2f3132372e302e302e313a3233383032225d2c226e616d65223a226d32227d
      1900000000000087 080310b9a2fce3041a0f080110c6eadcf6958581d5e6011802 00000000000000
      2700000000000081 08051083b3be3e1a1e080210011a1808c6eadcf6958581d5e60108e7beafbda4cbfaf3ed01\
      2800 00
      """;

  @Test
  void idsFollowFromPeerUrlsAndToken() {
    assertThat(Long.toHexString(CLUSTER.memberId(CLUSTER.members().get(0))))
        .isEqualTo("e6aa04295ed73546");
    assertThat(Long.toHexString(CLUSTER.memberId(CLUSTER.members().get(1))))
        .isEqualTo("ede7ea5a47abdf67");
    assertThat(Long.toHexString(CLUSTER.clusterId())).isEqualTo("7fc15d07088c74ec");
  }

  @Test
  void theWalIsThatOfTheRestoreToolToTheByte() {
    List<Member> members = CLUSTER.membersById();
    FreshLog log = new FreshLog(CLUSTER.clusterId(), members);
    assertThat(HexFormat.of().formatHex(log.wal(members.get(0).getID())))
        .isEqualTo(WAL_OF_M1.replaceAll("\\s", ""));
  }

  @Test
  void theSnapshotIsNamedAfterTermAndIndex() {
    FreshLog log = new FreshLog(CLUSTER.clusterId(), CLUSTER.membersById());
    assertThat(log.snapshotFile()).isEqualTo("0000000000000001-0000000000000002.snap");
  }
}
