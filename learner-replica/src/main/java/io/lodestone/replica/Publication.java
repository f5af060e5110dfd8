package io.lodestone.replica;

import com.google.protobuf.ByteString;
import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.api.etcdserverpb.Request;
import io.lodestone.etcdfile.db.MemberJson;
import io.lodestone.mvcc.members.MemberTable;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a learner has its cluster know: its name, and where clients reach it, as every member
 * publishes that about itself. Until then lists of members call it unstarted. Confined to one
 * thread.
 */
final class Publication {
  private static final Duration PAUSE = Duration.ofSeconds(5);

  private final long self;
  private final String name;
  private final List<String> clientUrls;
  private final SecureRandom ids = new SecureRandom();
  private Instant next = Instant.MIN;

  Publication(long self, String name, List<URI> clientUrls) {
    this.self = self;
    this.name = name;
    this.clientUrls = clientUrls.stream().map(URI::toString).toList();
  }

  /**
   * The request to have in the log where {@code members}, which is all that is applied, say
   * something else of us; at most one in a while, since it takes its time, and may be lost.
   */
  Optional<ByteString> due(MemberTable members, Instant now) {
    if (now.isBefore(next)) {
      return Optional.empty();
    }
    next = now.plus(PAUSE);
    return members.all().stream()
        .filter(member -> member.getID() == self && !isAsPublished(member))
        .findFirst()
        .map(member -> request().toByteString());
  }

  private boolean isAsPublished(Member member) {
    return member.getName().equals(name) && member.getClientURLsList().equals(clientUrls);
  }

  /** By the v2 API, as members up to 3.5 do it: all of them understand that. */
  private Request request() {
    String json =
        "{\"name\":%s,\"clientURLs\":%s}"
            .formatted(MemberJson.string(name), MemberJson.array(clientUrls));
    return Request.newBuilder()
        .setID(ids.nextLong())
        .setMethod("PUT")
        .setPath("/0/members/" + Long.toHexString(self) + "/attributes")
        .setVal(json)
        .build();
  }
}
