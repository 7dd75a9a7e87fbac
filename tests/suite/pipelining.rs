//! A client that does not wait for one answer before the next question.

use serde_json::{Value, json};

use crate::harness::{Heard, TestOffice};

#[tokio::test]
async fn fifty_thousand_questions_are_answered_in_their_order() {
    const COUNT: u64 = 50_000;
    let office = TestOffice::spawn().await;
    let mut client = office.client().await;
    for i in 0..COUNT {
        client.ask(["volar", "cola", "entrar-puesto"][i as usize % 3], json!({"escritorio": 99}));
    }
    let mut answered = 0;
    while answered < COUNT {
        if let Heard::Ack { id, args } = client.next().await.unwrap() {
            let code = ["unknown_event", "not_joined", "unknown_desk"][answered as usize % 3];
            answered += 1;
            assert_eq!((id, &args[0]["code"]), (answered, &json!(code)));
        }
    }
}

#[tokio::test]
async fn ten_thousand_numbers_asked_for_at_once_come_in_their_order_and_every_change_is_told() {
    const COUNT: u64 = 10_000;
    let office = TestOffice::spawn().await;
    let mut display = office.display().await;
    let mut client = office.client().await;
    for _ in 0..COUNT {
        client.ask("siguiente-ticket", Value::Null);
    }
    let (mut answered, mut last) = (0, 0);
    while answered < COUNT {
        match client.next().await.unwrap() {
            Heard::Ack { id, args } => {
                answered += 1;
                assert_eq!((id, &args[0]), (answered, &json!(format!("Ticket A-{answered:03}"))));
            }
            Heard::Event { name, args } if name == "ultimo-ticket" => {
                let number = args[0].as_u64().unwrap();
                assert!(number > last || number == 0, "{number} after {last}");
                last = number;
            }
            _ => {}
        }
    }
    display.follow_to(COUNT + 2).await;
    display.agrees().await;
}
