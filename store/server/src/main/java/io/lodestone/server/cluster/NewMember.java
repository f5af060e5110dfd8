package io.lodestone.server.cluster;

import io.grpc.Status;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.etcdserverpb.Member;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.List;

/** Members that are about to be added. Stateless. */
final class NewMember {
  private NewMember() {}

  /** With an id as etcd makes it. Fails with BAD_MEMBER_URLS. */
  static Member of(List<String> peerUrls, boolean learner, Clock clock) {
    List<String> urls = PeerUrls.sorted(peerUrls);
    return Member.newBuilder()
        .setID(id(urls, clock))
        .addAllPeerURLs(urls)
        .setIsLearner(learner)
        .build();
  }

  /** First 8 bytes of SHA-1 over the sorted peer URLs and the time in seconds. */
  private static long id(List<String> urls, Clock clock) {
    String text = String.join("", urls) + clock.instant().getEpochSecond();
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8));
      return ByteBuffer.wrap(digest).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }

  /** etcd 3.5 has no status for this one: its clients see UNKNOWN. */
  static RuntimeException notEnoughStarted() {
    return Status.UNKNOWN
        .withDescription(ErrorCode.NOT_ENOUGH_STARTED_MEMBERS.text())
        .asRuntimeException();
  }
}
