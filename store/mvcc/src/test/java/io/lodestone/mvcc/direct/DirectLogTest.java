package io.lodestone.mvcc.direct;

import static io.lodestone.mvcc.Requests.put;
import static io.lodestone.mvcc.Requests.range;
import static io.lodestone.mvcc.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lodestone.api.StoreException;
import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.EngineOptions;
import io.lodestone.mvcc.EngineView;
import io.lodestone.mvcc.log.Applied;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DirectLogTest {
  @TempDir Path directory;

  @Test
  void everyProposalIsAnsweredInOrderOnceItIsVisible() throws Exception {
    try (Engine engine = Engine.open(directory, EngineOptions.DEFAULT);
        DirectLog log = new DirectLog(engine)) {
      log.start();
      List<CompletableFuture<Applied>> answers = new ArrayList<>();
      for (int i = 0; i < 2000; i++) {
        answers.add(log.propose(request(put("key" + i % 7, "" + i))));
      }
      for (int i = 0; i < answers.size(); i++) {
        assertThat(answers.get(i).get().revision()).isEqualTo(2 + i);
      }
      try (EngineView view = engine.view()) {
        assertThat(view.revision()).isEqualTo(2001);
        assertThat(view.range(range("key1").build()).getCount()).isEqualTo(1);
      }
    }
  }

  @Test
  void termsRiseWithEveryStartThatWrote() throws Exception {
    for (long term = 2; term < 5; term++) {
      try (Engine engine = Engine.open(directory, EngineOptions.DEFAULT);
          DirectLog log = new DirectLog(engine)) {
        log.start();
        assertThat(log.term()).isEqualTo(term);
        log.propose(request(put("a", "1"))).get();
        assertThat(engine.appliedTerm()).isEqualTo(term);
      }
    }
  }

  @Test
  void afterTheEndProposalsFail() throws Exception {
    try (Engine engine = Engine.open(directory, EngineOptions.DEFAULT)) {
      DirectLog log = new DirectLog(engine);
      log.start();
      log.close();
      assertThatThrownBy(() -> log.propose(request(put("a", "1"))).get())
          .hasCauseInstanceOf(StoreException.class);
    }
  }
}
