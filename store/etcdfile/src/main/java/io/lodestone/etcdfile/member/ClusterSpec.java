package io.lodestone.etcdfile.member;

import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.Member;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A cluster to be: its members and its {@code --initial-cluster-token}. Names and peer URLs are
 * distinct. The ids follow from it as etcd computes them, so each member can be written on a
 * machine of its own from the same spec. Immutable.
 */
public record ClusterSpec(String token, List<MemberSpec> members) {
  private static final String DEFAULT_TOKEN = "etcd-cluster";

  public ClusterSpec {
    members = List.copyOf(members);
    if (members.isEmpty()) {
      throw new IllegalArgumentException("a cluster needs a member");
    }
    requireDistinct(members.stream().map(MemberSpec::name).toList(), "name");
    requireDistinct(
        members.stream().flatMap(member -> member.peerUrls().stream()).toList(), "peer URL");
  }

  /** A cluster with etcd's default token. */
  public static ClusterSpec of(List<MemberSpec> members) {
    return new ClusterSpec(DEFAULT_TOKEN, members);
  }

  private static void requireDistinct(List<String> values, String what) {
    Set<String> seen = new HashSet<>();
    for (String value : values) {
      if (!seen.add(value)) {
        throw new LodestoneException(
            "two members have the " + what + " " + value,
            "give every member a name and peer URLs of its own");
      }
    }
  }

  /** First 8 bytes of SHA-1 over the sorted peer URLs, concatenated, and the token. */
  public long memberId(MemberSpec member) {
    String text = member.peerUrls().stream().sorted().collect(Collectors.joining()) + token;
    return firstLong(sha1().digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** First 8 bytes of SHA-1 over all member ids, ascending, 8 bytes each. */
  public long clusterId() {
    MessageDigest sha1 = sha1();
    for (Member member : membersById()) {
      sha1.update(ByteBuffer.allocate(Long.BYTES).putLong(member.getID()).flip());
    }
    return firstLong(sha1.digest());
  }

  /** All members with their ids, ascending by id as unsigned numbers. */
  List<Member> membersById() {
    return members.stream()
        .map(
            member ->
                Member.newBuilder()
                    .setID(memberId(member))
                    .setName(member.name())
                    .addAllPeerURLs(member.peerUrls().stream().sorted().toList())
                    .build())
        .sorted(Comparator.comparing(Member::getID, Long::compareUnsigned))
        .toList();
  }

  private static long firstLong(byte[] digest) {
    return ByteBuffer.wrap(digest).getLong();
  }

  private static MessageDigest sha1() {
    try {
      return MessageDigest.getInstance("SHA-1");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }
}
