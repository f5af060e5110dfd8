package io.lodestone.migrate.compare;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RangeResponse;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.client.EtcdConnection;
import io.lodestone.client.lockstep.PatientCalls;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * The keys of a range in their order, asked for in pages of about {@value #PAGE_BYTES} bytes,
 * however large their values are. Confined to one thread.
 */
public final class Pages {
  private static final int PAGE_BYTES = 2 << 20;
  private static final int FIRST_PAGE = 8;
  private static final int LARGEST_PAGE = 5000;
  private static final ByteString ZERO = ByteString.copyFrom(new byte[] {0});

  private final EtcdConnection cluster;
  private final PatientCalls calls;
  private final KeyRange range;
  private final Deque<KeyValue> page = new ArrayDeque<>();
  private ByteString from;
  private long revision;
  private int limit = FIRST_PAGE;
  private boolean more = true;

  private Pages(EtcdConnection cluster, PatientCalls calls, KeyRange range, long revision) {
    this.cluster = cluster;
    this.calls = calls;
    this.range = range;
    this.from = range.start();
    this.revision = revision;
  }

  /** All pages as of {@code revision}. */
  static Pages at(long revision, EtcdConnection cluster, PatientCalls calls, KeyRange range) {
    return new Pages(cluster, calls, range, revision);
  }

  /** All pages as of the revision of the first. */
  public static Pages standing(EtcdConnection cluster, PatientCalls calls, KeyRange range)
      throws InterruptedException {
    Pages pages = new Pages(cluster, calls, range, 0);
    pages.revision = pages.load();
    return pages;
  }

  /** Each page as it is when it is asked for. */
  public static Pages moving(EtcdConnection cluster, PatientCalls calls, KeyRange range) {
    return new Pages(cluster, calls, range, 0);
  }

  public long revision() {
    return revision;
  }

  /** Empty behind the last. Fails with COMPACTED where a standing one takes too long. */
  public Optional<KeyValue> next() throws InterruptedException {
    while (page.isEmpty() && more) {
      long unused = load();
    }
    return Optional.ofNullable(page.pollFirst());
  }

  private long load() throws InterruptedException {
    RangeRequest request =
        RangeRequest.newBuilder()
            .setKey(from)
            .setRangeEnd(range.end())
            .setRevision(revision)
            .setLimit(limit)
            .build();
    RangeResponse answer = calls.insist(() -> cluster.read(KVGrpc.getRangeMethod(), request));
    page.addAll(answer.getKvsList());
    more = answer.getMore();
    if (!page.isEmpty()) {
      from = page.peekLast().getKey().concat(ZERO);
      long each = Math.max(1, answer.getSerializedSize() / answer.getKvsCount());
      limit = (int) Math.min(LARGEST_PAGE, Math.max(1, PAGE_BYTES / each));
    }
    return answer.getHeader().getRevision();
  }
}
