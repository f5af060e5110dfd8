package io.lodestone.replica.peer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lodestone.api.raftpb.Message;
import java.net.HttpURLConnection;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is posted to one member, one message after the other. When more waits than should, the
 * oldest is dropped: each message of a learner is worth less than the one behind it. Thread-safe,
 * never blocks.
 */
final class Postbox {
  private static final Logger LOG = LoggerFactory.getLogger(Postbox.class);
  private static final int MOST = 64;

  private final PeerClient client;
  private final PeerIdentity self;
  private final Object lock = new Object();
  private volatile List<String> urls;
  private int next;

  @GuardedBy("lock")
  private final Deque<Message> waiting = new ArrayDeque<>();

  @GuardedBy("lock")
  private boolean posting;

  Postbox(PeerClient client, PeerIdentity self, List<String> urls) {
    this.client = client;
    this.self = self;
    this.urls = urls;
  }

  void moved(List<String> nowAt) {
    urls = nowAt;
  }

  void post(Message message) {
    synchronized (lock) {
      waiting.add(message);
      if (waiting.size() > MOST) {
        waiting.remove();
      }
      if (posting) {
        return;
      }
      posting = true;
    }
    postNext();
  }

  private void postNext() {
    Message message;
    synchronized (lock) {
      if (waiting.isEmpty()) {
        posting = false;
        return;
      }
      message = waiting.remove();
    }
    List<String> known = urls;
    String url = known.get(Math.floorMod(next, known.size()));
    var unused =
        client
            .post(message.toByteArray(), self, url)
            .handle(
                (status, failure) -> {
                  answered(url, status, failure);
                  postNext();
                  return null;
                });
  }

  /** One at a time is under way, so that {@code next} has one owner at a time too. */
  private void answered(String url, Integer status, Throwable failure) {
    if (failure != null) {
      next++;
      LOG.atDebug().addKeyValue("peer-url", url).setCause(failure).log("a member is not reached");
    } else if (status != HttpURLConnection.HTTP_NO_CONTENT) {
      LOG.atDebug().addKeyValue("peer-url", url).addKeyValue("status", status).log("refused");
    }
  }
}
