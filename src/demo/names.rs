//! Given and family names from many languages, in their own scripts: whoever reads names badly shall notice in the demo.
//!
//! Each name stands with a spelling in plain ASCII letters, from which e-mail addresses are made.

/// Names that go together.
pub(super) struct Culture {
    given: &'static str,
    family: &'static str,
}

/// A name as it is written, and in ASCII.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name {
    pub(super) written: &'static str,
    pub(super) ascii: &'static str,
}

impl Culture {
    pub(super) fn given(&self) -> Vec<Name> {
        names(self.given)
    }

    pub(super) fn family(&self) -> Vec<Name> {
        names(self.family)
    }
}

/// The lists are texts of the form `written ascii, written ascii`; a written name may have blanks.
fn names(list: &'static str) -> Vec<Name> {
    list.split(',')
        .filter_map(|entry| entry.trim().rsplit_once(' '))
        .map(|(written, ascii)| Name {
            written: written.trim(),
            ascii,
        })
        .collect()
}

pub(super) const CULTURES: [Culture; 27] = [
    // English
    Culture {
        given: "Grace grace, Oliver oliver, Amelia amelia, Noah noah, Isla isla, Ethan ethan, Chloe chloe, Liam liam",
        family: "O’Brien obrien, Smith-Jones smithjones, Taylor taylor, MacLeod macleod, Clarke clarke, Okafor okafor",
    },
    // German
    Culture {
        given: "Jürgen juergen, Käthe kaethe, Lukas lukas, Björn bjoern, Annelie annelie, Günther guenther, Zoë zoe",
        family: "Müller mueller, Weiß weiss, von der Heide vonderheide, Schröder schroeder, Großmann grossmann, Jäger jaeger",
    },
    // French
    Culture {
        given: "Hélène helene, François francois, Zoé zoe, Anaïs anais, Jean-Noël jeannoel, Maëlle maelle, Gaël gael",
        family: "Lefèvre lefevre, d’Aubigné daubigne, Le Goff legoff, Béranger beranger, Garçon garcon, Noël noel",
    },
    // Spanish
    Culture {
        given: "José jose, María Ángeles mariaangeles, Begoña begona, Íñigo inigo, Lucía lucia, Andrés andres, Inés ines",
        family: "Muñoz Peña munoz, García Íñiguez garcia, Núñez nunez, Ibáñez ibanez, de la Cruz delacruz, Güell guell",
    },
    // Portuguese
    Culture {
        given: "João joao, Conceição conceicao, Inês ines, Antônio antonio, Flávia flavia, Tomás tomas, Beatriz beatriz",
        family: "Gonçalves goncalves, Magalhães magalhaes, São Pedro saopedro, Araújo araujo, Simões simoes, Leão leao",
    },
    // Italian
    Culture {
        given: "Niccolò niccolo, Chiara chiara, Mosè mose, Ludovica ludovica, Matteo matteo, Desirée desiree",
        family: "D’Angelo dangelo, Cantù cantu, Forlì forli, De Santis desantis, Nicolò nicolo, Ruggeri ruggeri",
    },
    // Polish
    Culture {
        given: "Łukasz lukasz, Małgorzata malgorzata, Żaneta zaneta, Stanisław stanislaw, Bożena bozena, Wacław waclaw",
        family: "Wójcik wojcik, Brzęczyszczykiewicz brzeczyszczykiewicz, Żuławski zulawski, Gałązka galazka, Dąbrowska dabrowska",
    },
    // Czech
    Culture {
        given: "Jiří jiri, Ludmila ludmila, Šárka sarka, Bořivoj borivoj, Žofie zofie, Vojtěch vojtech",
        family: "Dvořák dvorak, Nováková novakova, Řezníček reznicek, Čapková capkova, Hůlka hulka, Šťastný stastny",
    },
    // Hungarian
    Culture {
        given: "Győző gyozo, Erzsébet erzsebet, Ödön odon, Boglárka boglarka, Álmos almos, Tünde tunde",
        family: "Szűcs szucs, Kővári kovari, Németh nemeth, Őrsi orsi, Vörös voros, Fülöp fulop",
    },
    // Scandinavian and Icelandic
    Culture {
        given: "Åsa asa, Søren soren, Þórdís thordis, Bjørg bjorg, Örjan orjan, Guðrún gudrun, Sigríður sigridur",
        family: "Ångström angstrom, Kjærgård kjaergard, Jónsdóttir jonsdottir, Bækkelund baekkelund, Sjögren sjogren",
    },
    // Turkish
    Culture {
        given: "Şebnem sebnem, İbrahim ibrahim, Çağla cagla, Işıl isil, Ömer omer, Gülşen gulsen, Oğuzhan oguzhan",
        family: "Yıldırım yildirim, Öztürk ozturk, Çalışkan caliskan, Şimşek simsek, İnönü inonu, Ağaoğlu agaoglu",
    },
    // Vietnamese
    Culture {
        given: "Thị Hương huong, Văn Đức duc, Quỳnh Như quynhnhu, Minh Tuấn minhtuan, Ngọc Ánh ngocanh, Hữu Phước huuphuoc",
        family: "Nguyễn nguyen, Trần tran, Đặng dang, Phạm pham, Huỳnh huynh, Bùi bui",
    },
    // Greek
    Culture {
        given: "Αλέξανδρος alexandros, Ειρήνη eirini, Χρήστος christos, Δέσποινα despoina, Ξένια xenia, Θεόδωρος theodoros",
        family: "Παπαδόπουλος papadopoulos, Οικονόμου oikonomou, Ψαρράς psarras, Καραγιάννη karagianni, Χατζής chatzis",
    },
    // Russian and Ukrainian
    Culture {
        given: "Владимир vladimir, Наталья natalya, Фёдор fyodor, Юлія yuliya, Олексій oleksii, Надія nadiia",
        family: "Щербаков shcherbakov, Кузнецова kuznetsova, Шевченко shevchenko, Ґонта gonta, Їжакевич yizhakevych, Ёлкин yolkin",
    },
    // Georgian
    Culture {
        given: "ნინო nino, გიორგი giorgi, თამარ tamar, ლევან levan, ქეთევან ketevan, ზურაბ zurab",
        family: "ჩხეიძე chkheidze, ბერიძე beridze, წერეთელი tsereteli, ჭავჭავაძე chavchavadze, ყიფიანი kipiani",
    },
    // Armenian
    Culture {
        given: "Անահիտ anahit, Տիգրան tigran, Շուշան shushan, Գևորգ gevorg, Լուսինե lusine",
        family: "Հակոբյան hakobyan, Տեր-Պետրոսյան terpetrosyan, Խաչատրյան khachatryan, Ղազարյան ghazaryan",
    },
    // Arabic
    Culture {
        given: "محمد muhammad, فاطمة fatima, عبد الرحمن abdulrahman, ليلى layla, يوسف yusuf, زينب zaynab",
        family: "الحسيني alhusayni, النجار alnajjar, بن خالد binkhalid, القاسم alqasim, الشامي alshami",
    },
    // Persian, with the joiner it needs
    Culture {
        given: "پریسا parisa, گلناز golnaz, کیوان keyvan, ژاله zhaleh, امیرعلی amirali",
        family: "میر‌حسینی mirhosseini, پور‌رضا pourreza, گیلانی gilani, چمن‌آرا chamanara",
    },
    // Hebrew
    Culture {
        given: "נועה noa, יצחק yitzhak, שירה shira, אביגיל avigail, דוד david, תמר tamar",
        family: "כהן cohen, בן-דוד bendavid, לוי levi, אברהמי avrahami, גולדשטיין goldstein",
    },
    // Hindi
    Culture {
        given: "श्रेया shreya, कृष्ण krishna, प्रियंका priyanka, अर्जुन arjun, लक्ष्मी lakshmi, ऋषि rishi",
        family: "शर्मा sharma, त्रिपाठी tripathi, चौधरी chaudhary, द्विवेदी dwivedi, सिंह singh",
    },
    // Tamil
    Culture {
        given: "கார்த்திக் karthik, மீனாட்சி meenakshi, செல்வி selvi, அருண் arun, கவிதா kavitha",
        family: "சுப்பிரமணியன் subramanian, முருகன் murugan, ராமசாமி ramasamy, பாலகிருஷ்ணன் balakrishnan",
    },
    // Bengali
    Culture {
        given: "তানিয়া taniya, রবীন্দ্র rabindra, সুমিত sumit, অনন্যা ananya, মিতালি mitali",
        family: "চট্টোপাধ্যায় chattopadhyay, মুখার্জী mukherjee, সরকার sarkar, ঘোষ ghosh",
    },
    // Chinese
    Culture {
        given: "伟 wei, 秀英 xiuying, 欣怡 xinyi, 建國 jianguo, 子轩 zixuan, 美玲 meiling",
        family: "王 wang, 歐陽 ouyang, 李 li, 司马 sima, 張 zhang, 刘 liu",
    },
    // Japanese
    Culture {
        given: "さくら sakura, 健太 kenta, ひな子 hinako, ジョン john, 美咲 misaki, 大輔 daisuke",
        family: "渡邉 watanabe, 佐々木 sasaki, 髙橋 takahashi, 小林 kobayashi, 五十嵐 igarashi",
    },
    // Korean
    Culture {
        given: "지훈 jihun, 서연 seoyeon, 민준 minjun, 하은 haeun, 동혁 donghyeok",
        family: "김 kim, 박 park, 최 choi, 남궁 namgung, 황보 hwangbo",
    },
    // Thai
    Culture {
        given: "สมชาย somchai, กัญญารัตน์ kanyarat, ณัฐพล natthaphon, ศิริพร siriphon",
        family: "ศรีสุวรรณ srisuwan, วงศ์ใหญ่ wongyai, จันทร์แก้ว chankaew, ชัยวัฒน์ chaiwat",
    },
    // Amharic
    Culture {
        given: "አበበ abebe, ትዕግስት tigist, ዳዊት dawit, ሰላማዊት selamawit, ጌታቸው getachew",
        family: "ከበደ kebede, ተስፋዬ tesfaye, ገብረማርያም gebremariam, ወልደሥላሴ woldeselassie",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::person::required_name;

    #[test]
    fn every_name_is_allowed_and_has_a_spelling_in_ascii() {
        for culture in &CULTURES {
            let (given, family) = (culture.given(), culture.family());
            assert!(given.len() >= 4 && family.len() >= 4, "{}", culture.given);
            for name in given.into_iter().chain(family) {
                assert_eq!(required_name(name.written, "name").unwrap(), name.written);
                assert!(
                    name.ascii.bytes().all(|byte| byte.is_ascii_lowercase()),
                    "{name:?}"
                );
            }
        }
    }
}
