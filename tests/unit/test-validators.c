#include "config.h"
#include "detect/digits.h"
#include "detect/validators.h"
#include <string.h>

/* Numbers that their authorities publish as examples, or made up with a right check digit. */
static const struct
{
  const char *validator;
  const char *number;
} good[] = {
  { "at-social", "1237 010180" }, { "at-social", "1001-29.02.00" }, { "at-social", "3189011347" },
  { "be-national", "85.07.30-033.28" }, { "be-national", "17 07 30 033 84" }, { "be-national", "85473003317" },
  { "be-national", "00000100166" },
  { "bg-egn", "7503169269" }, { "bg-egn", "0445110010" },
  { "bg-foreigner", "7111042925" },
  { "bg-vat", "BG7503169269" }, { "bg-vat", "BG7111042925" }, { "bg-vat", "BG5000123452" },
  { "au-medicare", "2123 45670 1" }, { "au-medicare", "2951 87312 5 1" },
  { "ca-ohip", "1234-567-897-AB" }, { "ca-on-driver", "A1234-56789-01231" }, { "ca-on-driver", "S1234 56789 75615" },
  { "ca-ramq", "TEST54122816" }, { "ca-ramq", "TREM 6553 0515" },
  { "ar-cbu", "01100129 30012345678908" },
  { "cl-rut", "12.345.678-5" }, { "cl-rut", "10000013k" },
  { "cn-credit-code", "91110000600037341L" }, { "cn-identity", "11010519491231002X" }, { "cn-identity", "360426199101010071" },
  { "hk-identity", "A123456(3)" }, { "hk-identity", "ab987654(3)" },
  { "kr-business", "116-82-00276" }, { "kr-resident", "971013-9019902" }, { "kr-resident", "201001-3123456" },
  { "sg-nric", "S1234567D" }, { "sg-nric", "M1234567K" }, { "sg-nric", "g1234567x" },
  { "tw-business", "04595257" }, { "tw-business", "12345675" }, { "tw-identity", "A123456789" }, { "tw-identity", "A800000014" },
  { "tw-identity", "AA00000009" },
  { "ua-registry", "19850315-01238" },
  { "br-cnh", "12345678900" }, { "br-cnpj", "16.727.230/0001-97" }, { "br-cnpj", "12.ABC.345/01DE-35" }, { "br-cpf", "111.444.777-35" },
  { "br-voter", "1023 8501 0671" },
  { "in-aadhaar", "2341 2341 2346" }, { "in-gstin", "27AAPFU0939F1ZV" },
  { "mx-curp", "BOXW310820HNERXN09" }, { "mx-curp", "hegg560427mvzrrl04" }, { "mx-rfc", "GODE-561231-GR8" },
  { "mx-rfc-form", "GODE561231GR9" },
  { "mx-voter", "GMVLMR80070501M100" },
  { "tr-identity", "10000000146" }, { "tr-tax", "987 654 3217" }, { "za-id", "800101 5009 08 7" },
  { "nz-bank-account", "01-0902-0068389-00" }, { "nz-ird", "49-091-850" }, { "nz-ird", "35901981" }, { "nz-ird", "136410132" },
  { "nz-nhi", "ZZZ0016" }, { "nz-nhi", "ZWX5200" }, { "nz-nhi", "ZVU27KE" }, { "nz-nhi", "ZYZ89XY" },
  { "bic", "COBADEFFXXX" }, { "bic", "DEUTDEFF" }, { "bic", "BNPA FR PP" },
  { "bitcoin", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa" }, { "bitcoin", "3P14159f73E4gFr7JterCCQh9QjiTjiZrG" },
  { "bitcoin", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq" },
  { "bitcoin", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0" }, /* BIP 350 */
  { "card", "4111 1111 1111 1111" }, { "card", "5555-5555-5555-4444" }, { "card", "378282246310005" },
  { "card", "30569309025904" }, { "card", "6011111111111117" }, { "card", "3530111333300000" },
  { "card", "2223003122003222" },
  { "card", "4222222222222" }, { "card", "6200000000000005" }, { "card", "6759649826438453" },
  { "coordinates", "52.520008, 13.404954" }, { "coordinates", "-33.8568 151.2153" },
  { "cy-tic", "10259033P" }, { "cy-tic", "CY-30009560 X" }, { "cy-tic", "60000000S" },
  { "cz-birth-number", "710319/2745" }, { "cz-birth-number", "736211 5112" }, { "cz-birth-number", "4011010113" },
  { "cz-birth-number", "780123/3540" },
  { "cz-birth-number-old", "450812/123" },
  { "cz-vat", "CZ7103192745" }, { "cz-vat", "CZ640903926" }, { "cz-vat", "CZ450812123" },
  { "date-of-birth", "12.08.1974" }, { "date-of-birth", "1974-08-12" }, { "date-of-birth", "08/31/74" },
  { "date-of-birth", "29.02.2000" }, { "date-of-birth", "3. M\xc3\xa4rz 1985" }, { "date-of-birth", "14 juillet 1969" },
  { "date-of-birth", "March 3rd, 1985" }, { "date-of-birth", "5 de mayo de 1990" },
  { "date-of-birth", "31 ao\xc3\xbbt 1970" },
  { "date-of-birth", "31 d\xc3\xa9" "cembre 1970" }, { "date-of-birth", "28 febbraio 1961" },
  { "date-of-birth", "30 juni 1950" },
  { "de-document", "T220001293" }, { "de-document", "L01X00T471" },
  { "de-health", "A123456780" }, { "de-pension", "15 070649 C 103" }, { "de-pension", "65170839J003" },
  { "de-tax-id", "36574261809" }, { "de-tax-id", "86 095 742 719" }, { "de-vat", "DE136695976" },
  { "email", "jane.doe@example.org" }, { "email", "j\xc3\xbcrgen@example.org" }, { "email", "x@xn--mller-kva.example" },
  { "es-ccc", "2100 0418 45 0200051332" }, { "es-cif", "A13585625" }, { "es-cif", "J99216582" }, { "es-dni", "12345678Z" },
  { "es-dni", "54.362.315-K" }, { "es-naf", "281234567840" }, { "es-nie", "X-2482300-W" },
  { "fr-nir", "295109912611193" }, { "fr-siren", "732829320" }, { "fr-siret", "73282932000074" },
  { "fr-siret", "35600000000048" }, { "fr-siret", "35600000049837" }, { "fr-tax-id", "3023217600053" },
  { "fr-vat", "FR40303265045" }, { "fr-vat", "FR23334175221" }, { "fr-vat", "FRK7399859412" },
  { "gr-amka", "01013099997" }, { "gr-amka", "290200 01235" },
  { "hr-oib", "33392005961" }, { "hr-oib", "HR12345678903" },
  { "hu-personal", "1 571106 0015" }, { "hu-personal", "4-051224-7772" },
  { "iban", "DE89 3704 0044 0532 0130 00" }, { "iban", "gb29nwbk60161331926819" }, { "iban", "FR1420041010050500013M02606" },
  { "iban", "NO9386011117947" }, { "iban", "MT84MALT011000012345MTLCAST001S" },
  { "iban", "LC55HEMM000100010012001200023015" },
  { "iccid", "89014103211118510720" }, { "imei", "490154203237518" }, { "imei", "35-209900-176148-1" },
  { "ie-ppsn", "1234567FA" }, { "ie-ppsn", "6433435F" }, { "ie-ppsn", "6433435-fw" }, { "ie-ppsn", "2345678DB" },
  { "ie-vat", "IE6388047V" }, { "ie-vat", "IE3628739UA" }, { "ie-vat", "IE8D79739I" },
  { "imsi", "310150123456789" }, { "ipv4", "203.0.113.42" }, { "ipv6", "2001:db8::17" },
  { "ipv6", "::ffff:203.0.113.42" }, { "it-codice-fiscale", "RCCMNL83S18D969H" },
  { "it-codice-fiscale", "RSSMRA85T10A56NH" },
  { "it-vat", "00743110157" }, { "it-vat", "IT07643520567" },
  { "jmbg", "0101006500006" }, { "jmbg", "1206975 330045" },
  { "jwt", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.x" }, { "luhn", "79927398713" },
  { "lu-matricule", "1893120105732" }, { "lu-matricule", "1985 12 24 123 59" }, { "lu-matricule", "1970000034530" },
  { "lu-matricule-old", "19710425127" }, { "lu-matricule-old", "19540819037" }, { "lu-matricule-old", "19881107273" },
  { "mac", "00:00:5e:00:53:af" }, { "nl-bsn", "111222333" }, { "nl-bsn", "10000008" }, { "nl-vat", "NL004495445B01" },
  { "nl-vat", "NL000099998B57" }, { "phone-international", "+49 (0)30 23125-000" },
  { "phone-international", "0033639981234" },
  { "phone-international", "+1 (202) 555-0143" }, { "phone-nanp", "(202) 555-0143" }, { "phone-national", "030 23125-123" },
  { "pl-pesel", "44051401359" }, { "pl-pesel", "022113 07589" },
  { "pt-citizen-card", "00000000 0 ZZ4" }, { "pt-citizen-card", "123456789zy3" },
  { "ro-cnp", "1630615123457" }, { "ro-cnp", "6000229220771" },
  { "ro-vat", "RO18547290" }, { "ro-vat", "RO 34567892" },
  { "secret", "hunter2" }, { "uk-driver", "MORGA657054SM9IJ" }, { "uk-driver", "DOE99801261A99XX" },
  { "uk-nhs", "943 476 5919" },
  { "uk-nino", "AB 12 34 56 C" }, { "uk-vat", "GB980780684" }, { "us-dea", "AB1234563" }, { "us-ein", "91-1144442" },
  { "us-itin", "912-90-3456" }, { "us-mbi", "1EG4-TE5-MK73" }, { "us-npi", "1234567893" }, { "us-ssn", "123-45-6789" },
  { "vin", "1M8GDM9AXKP042788" }, { "vin", "5GZCZ43D13S812715" },
  { "dk-cpr", "070761-4285" }, { "dk-cpr-date", "010165 5000" }, { "dk-cpr-date", "670761-4285" },
  { "se-personnummer", "811228-9874" }, { "se-personnummer", "19811228-9874" }, { "se-personnummer", "121212+1212" },
  { "se-personnummer", "701063-2391" },
  { "no-fodselsnummer", "010190 50188" }, { "no-fodselsnummer", "41018850190" },
  { "no-fodselsnummer", "01419050160" },
  { "fi-henkilotunnus", "131052-308T" }, { "fi-henkilotunnus", "010594Y9032" }, { "fi-henkilotunnus", "290200a901c" },
  { "fi-henkilotunnus", "010190+901R" },
  { "is-kennitala", "120160-3389" }, { "is-kennitala", "1201743399" }, { "is-kennitala", "010101 0269" },
  { "ee-isikukood", "38001085718" }, { "ee-isikukood", "60001019906" },
  { "lt-asmens-kodas", "33309240064" }, { "lt-asmens-kodas", "91234560011" }, { "lt-vat", "LT 100001919017" },
  { "lt-vat", "LT100004801610" },
  { "lv-personas-kods", "161175-19997" }, { "lv-personas-kods", "01019000006" },
}, bad[] = {
  { "at-social", "1238010180" }, { "at-social", "6543310299" }, { "at-social", "2113001180" }, { "at-social", "0237010180" },
  { "be-national", "85073003329" }, { "be-national", "85993003390" }, { "be-national", "85023100192" },
  { "be-national", "85073000061" },
  { "bg-egn", "8019010008" }, { "bg-egn", "7503169268" },
  { "bg-foreigner", "7111042922" }, { "bg-foreigner", "0000000000" },
  { "bg-vat", "BG7503169268" }, { "bg-vat", "BG175074752" },
  { "au-medicare", "1123456701" }, { "au-medicare", "2123456700" },
  { "ca-ohip", "1234-567-897-ABC" }, { "ca-ohip", "0000000000" }, { "ca-on-driver", "A12345678901331" }, { "ca-ramq", "TREM65023015" },
  { "ar-cbu", "0110012930012345678909" }, { "ar-cbu", "0110012030012345678908" }, { "ar-cbu", "0000000000000000000000" },
  { "cl-rut", "12.345.678-K" }, { "cl-rut", "111111111" },
  { "cn-credit-code", "91110000600037341M" }, { "cn-identity", "110105194912310021" }, { "cn-identity", "360426199102300078" },
  { "hk-identity", "A123456(4)" }, { "hk-identity", "ABC123456(3)" },
  { "kr-business", "100-82-00276" }, { "kr-resident", "970230-1019902" }, { "kr-resident", "971013-1019902" },
  { "sg-nric", "S1234567E" }, { "sg-nric", "A1234567D" }, { "sg-nric", "M1234567X" },
  { "tw-business", "04595256" }, { "tw-identity", "A323456789" }, { "tw-identity", "A123456788" },
  { "ua-registry", "19850230-01230" },
  { "br-cnh", "11111111111" }, { "br-cnpj", "00000000000000" }, { "br-cnpj", "12ABC34501DE3A" }, { "br-cpf", "11111111111" },
  { "br-voter", "102385012971" },
  { "in-aadhaar", "222222222222" }, { "in-aadhaar", "134123412346" }, { "in-gstin", "27AAPFU0939F0ZV" },
  { "mx-curp", "BOXW310230HNERXN09" }, { "mx-curp", "BOXW310820HXXRXN09" }, { "mx-rfc", "GODE561231GR9" }, { "mx-rfc-form", "GODE560230GR8" },
  { "mx-voter", "GMVLMR80070533M100" },
  { "tr-identity", "00000000000" }, { "tr-tax", "0000000000" },
  { "za-id", "8013015009087" },
  { "nz-bank-account", "05-0902-0068389-00" }, { "nz-ird", "09091850" }, { "nz-ird", "156410132" },
  { "nz-nhi", "ZZZ0044" }, { "nz-nhi", "ZZZ00AX" }, { "nz-nhi", "ZZI0016" },
  { "bic", "COBAZZFF" }, { "bic", "COBADEF" }, { "bic", "C0BADEFF" },
  { "bitcoin", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdp" },
  { "bitcoin", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfN0" }, { "card", "4444444444444444" }, { "card", "9111111111111111" },
  { "card", "41111111111111111" }, { "card", "0000000000000000" }, { "coordinates", "95.1, 13.4" },
  { "coordinates", "52.5, 190.2" },
  { "cy-tic", "10259033Q" }, { "cy-tic", "12345678F" }, { "cy-tic", "00000000I" },
  { "coordinates", "0.0000 0.0000" }, { "date-of-birth", "31.02.1974" }, { "date-of-birth", "12.08.1874" },
  { "cz-birth-number", "7103192746" }, { "cz-birth-number", "1103492745" }, { "cz-birth-number", "7112311230" },
  { "cz-birth-number", "991231123" },
  { "cz-birth-number-old", "590312/123" }, { "cz-birth-number-old", "451312/123" },
  { "cz-vat", "7103192745" }, { "cz-vat", "CZ25123891" }, { "cz-vat", "CZ640903927" },
  { "date-of-birth", "12.08.2999" }, { "date-of-birth", "30 February 1980" }, { "date-of-birth", "29.02.1999" },
  { "date-of-birth", "1974-13-12" }, { "date-of-birth", "12.08" }, { "de-document", "A220001293" },
  { "de-pension", "15990649C103" },
  { "de-tax-id", "12345678901" }, { "de-tax-id", "06574261809" }, { "de-vat", "136695976" }, { "email", "a..b@example.org" },
  { "email", "logo@2x.png" }, { "email", "jane@localhost" }, { "email", "jane@-a.org" }, { "email", ".a@example.org" },
  { "email", "a@example.c0m" }, { "es-ccc", "00000000000000000000" }, { "es-dni", "1234567Z" }, { "es-naf", "991234567840" },
  { "es-nie", "A2482300W" }, { "fr-nir", "695109912611193" }, { "fr-siret", "00000000000000" },
  { "fr-vat", "FR41303265045" },
  { "gr-amka", "01013099999" }, { "gr-amka", "32013099990" },
  { "hr-oib", "33392005962" }, { "hr-oib", "00000000000" },
  { "hu-personal", "15711060016" }, { "hu-personal", "15713060013" }, { "hu-personal", "95711060015" },
  { "iban", "DE8937040044053201300" }, { "iban", "ZZ89370400440532013000" }, { "iban", "DE89370400440532O13000" },
  { "iccid", "79014103211118510720" }, { "ie-ppsn", "1234567GA" }, { "ie-ppsn", "0000000W" },
  { "ie-ppsn", "1234567FC" }, { "ie-vat", "IE6388047W" }, { "ie-vat", "IE8D7973I" }, { "ie-vat", "6388047V" },
  { "imei", "000000000000000" }, { "imsi", "910150123456789" }, { "ipv4", "127.0.0.1" },
  { "ipv4", "1.2.3.4" }, { "ipv4", "256.1.2.30" }, { "ipv4", "255.255.255.0" }, { "ipv4", "239.255.255.250" },
  { "ipv6", "::1" },
  { "ipv6", "12:30:45" }, { "ipv6", "dead::beef" }, { "it-codice-fiscale", "RCCMNL83S99D969H" }, { "it-vat", "00000000000" },
  { "lu-matricule", "1893120105742" }, { "lu-matricule", "2001022900188" }, { "lu-matricule", "1893120105733" },
  { "lu-matricule-old", "19710425124" }, { "lu-matricule-old", "19710230127" },
  { "jmbg", "0101006500007" }, { "jmbg", "0113006500003" }, { "jmbg", "0101850500006" },
  { "jwt", "eyJmb28iOiJiYXIifQ.x.y" }, { "jwt", "nodots" }, { "mac", "ff:ff:ff:ff:ff:ff" }, { "mac", "01:00:5e:00:00:fb" },
  { "nl-bsn", "000000000" }, { "nl-vat", "NL004495445A01" }, { "phone-international", "+999 12345678" },
  { "phone-international", "+49 1" }, { "phone-international", "+1 102 555 0143" }, { "phone-nanp", "2021550143" },
  { "phone-national", "0000000" }, { "phone-national", "12345" }, { "secret", "********" }, { "secret", "xxxx" },
  { "pl-pesel", "02381307589" }, { "pl-pesel", "02122401350" }, { "pl-pesel", "44133101359" },
  { "pt-citizen-card", "00000000 0 ZZ3" }, { "pt-citizen-card", "12345678 8ZY3" }, { "pt-citizen-card", "000000000ZZZ" },
  { "ro-cnp", "1630615123458" }, { "ro-cnp", "0800101221142" }, { "ro-cnp", "1632215123457" },
  { "ro-vat", "RO18547291" }, { "ro-vat", "18547290" }, { "ro-vat", "RO08547290" },
  { "secret", "" },
  { "uk-driver", "MORGA677054SM9IJ" }, { "uk-driver", "MO9GA657054SM9IJ" }, { "uk-nino", "BG123456C" },
  { "uk-nino", "DA123456C" },
  { "uk-nino", "AB123456E" }, { "us-ein", "07-1144442" }, { "us-itin", "912-89-3456" }, { "us-mbi", "1SG4-TE5-MK73" },
  { "us-npi", "3234567893" }, { "us-ssn", "666-45-6789" }, { "us-ssn", "078-05-1120" }, { "vin", "IM8GDM9AXKP042788" },
  { "dk-cpr", "010165-5000" }, { "dk-cpr", "310266-5004" }, { "dk-cpr", "070741-4285" },
  { "dk-cpr-date", "310266-5004" }, { "dk-cpr-date", "010130-5000" }, { "dk-cpr-date", "470761-4285" },
  { "se-personnummer", "811228-9873" }, { "se-personnummer", "810230-9872" }, { "se-personnummer", "29811228-9874" },
  { "se-personnummer", "811292-9874" }, { "se-personnummer", "9811228-9874" },
  { "no-fodselsnummer", "01019050178" }, { "no-fodselsnummer", "01019050288" }, { "no-fodselsnummer", "32019050188" },
  { "no-fodselsnummer", "0101905018" },
  { "fi-henkilotunnus", "131052-308U" }, { "fi-henkilotunnus", "310252-308Y" }, { "fi-henkilotunnus", "131052G308T" },
  { "fi-henkilotunnus", "010101-001N" }, { "fi-henkilotunnus", "131052-30T" },
  { "is-kennitala", "120160-3399" }, { "is-kennitala", "310260-3389" }, { "is-kennitala", "120160-3381" },
  { "is-kennitala", "450401-3150" },
  { "ee-isikukood", "38001085719" }, { "ee-isikukood", "38002305718" }, { "ee-isikukood", "08001085718" },
  { "lt-asmens-kodas", "33309240065" }, { "lt-asmens-kodas", "33302300064" }, { "lt-vat", "LT119511515" },
  { "lt-vat", "LT100001919018" },
  { "lv-personas-kods", "161175-19998" }, { "lv-personas-kods", "161375-19997" },
  { "lv-personas-kods", "327654-12345" }, { "lv-personas-kods", "161175-99997" },
};

/* Numbers in which every change of one digit must be noticed: the modulus is prime to every weight's differences. */
static const struct
{
  const char *validator;
  const char *number;
} guarded[] = {
  { "at-social", "1237010180" },
  { "be-national", "85073003328" }, { "be-national", "17073003384" },
  { "ca-ohip", "1234567897" },
  { "ar-cbu", "0110012930012345678908" },
  { "cl-rut", "123456785" },
  { "cn-credit-code", "91110000600037341L" }, { "cn-identity", "11010519491231002X" },
  { "hk-identity", "A1234563" },
  { "sg-nric", "S1234567D" },
  { "ua-registry", "1985031501238" },
  { "br-cnpj", "16727230000197" }, { "br-cpf", "11144477735" },
  { "in-aadhaar", "234123412346" },
  { "nz-ird", "49091850" },
  { "tr-identity", "10000000146" },
  { "za-id", "8001015009087" },
  { "card", "4111111111111111" }, { "card", "378282246310005" }, { "de-tax-id", "86095742719" }, { "de-vat", "DE136695976" },
  { "cy-tic", "10259033P" },
  { "es-dni", "12345678Z" }, { "es-nie", "X2482300W" }, { "es-cif", "A13585625" }, { "es-naf", "281234567840" },
  { "es-ccc", "21000418450200051332" }, { "fr-nir", "295109912611193" }, { "fr-siren", "732829320" },
  { "fr-siret", "73282932000074" }, { "fr-tax-id", "3023217600053" }, { "fr-vat", "FR40303265045" },
  { "iban", "DE89370400440532013000" }, { "iban", "GB29NWBK60161331926819" }, { "iccid", "89014103211118510720" },
  { "ie-ppsn", "1234567FA" }, { "ie-vat", "IE6388047V" },
  { "imei", "490154203237518" }, { "it-vat", "00743110157" }, { "luhn", "79927398713" }, { "lu-matricule", "1893120105732" },
  { "nl-bsn", "111222333" }, { "uk-nhs", "9434765919" }, { "us-npi", "1234567893" },
  { "imei", "490154203237518" }, { "it-vat", "00743110157" }, { "luhn", "79927398713" }, { "nl-bsn", "111222333" },
  { "uk-nhs", "9434765919" }, { "us-npi", "1234567893" },
  { "pl-pesel", "44051401359" },
  { "cz-birth-number", "7103192745" },
  { "hu-personal", "15711060015" },
  { "jmbg", "1206975330045" },
  { "hr-oib", "33392005961" },
  { "ro-cnp", "1630615123457" },
  { "bg-egn", "7503169269" },
  { "gr-amka", "01013099997" },
  { "pt-citizen-card", "123456789ZY3" },
  { "de-document", "T220001293" }, { "it-codice-fiscale", "RCCMNL83S18D969H" },
  { "bitcoin", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa" }, { "bitcoin", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq" },
  { "dk-cpr", "0707614285" },
  { "se-personnummer", "8112289874" },
  { "no-fodselsnummer", "01019050188" },
  { "fi-henkilotunnus", "131052-308T" },
  { "ee-isikukood", "47101010033" },
  { "lv-personas-kods", "16117519997" },
  { "mrz", "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10" },
};

/* Examples of ICAO Doc 9303. */
static const char *const zones[] = {
  "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10",
  "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6",
  "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<",
  "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL8988901C4XXX4009078F96121096ZE184226B<<<<<<",
  "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nL8988901C4XXX4009078F9612109<<<<<<<<",
};

static gboolean
valid (const char *validator, const char *number)
{
  const DsValidator *v = ds_validator_by_name (validator);
  g_assert_nonnull (v);
  return v->valid (number, strlen (number));
}

static void
test_good (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    if (!valid (good[i].validator, good[i].number))
      {
        g_test_message ("%s refuses %s", good[i].validator, good[i].number);
        g_test_fail ();
      }
}

static void
test_bad (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    if (valid (bad[i].validator, bad[i].number))
      {
        g_test_message ("%s takes %s", bad[i].validator, bad[i].number);
        g_test_fail ();
      }
}

/* An MRZ's names, nationality and sex have no check digit: its digits all do. */
static void
change_each_digit (const char *validator, const char *number)
{
  g_autofree char *changed = g_strdup (number);
  g_assert_true (valid (validator, number));
  for (gsize i = 0; number[i] != '\0'; i++)
    {
      for (char c = '0'; g_ascii_isdigit (number[i]) && c <= '9'; c++)
        {
          changed[i] = c;
          if (c != number[i] && valid (validator, changed))
            {
              g_test_message ("%s does not notice %s in place of %s", validator, changed, number);
              g_test_fail ();
            }
        }
      changed[i] = number[i];
    }
}

static void
test_one_digit (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (guarded); i++)
    change_each_digit (guarded[i].validator, guarded[i].number);
  for (gsize i = 0; i < G_N_ELEMENTS (zones); i++)
    g_assert_true (valid ("mrz", zones[i]));
}

/* Neither a longer nor a shorter number is the number. */
static void
test_length (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (guarded); i++)
    {
      g_autofree char *longer = g_strconcat (guarded[i].number, "0", NULL);
      g_autofree char *shorter = g_strndup (guarded[i].number, strlen (guarded[i].number) - 1);
      /* These have several lengths, and a check digit of ten values. */
      if (g_str_equal (guarded[i].validator, "luhn") || g_str_equal (guarded[i].validator, "iccid"))
        continue;
      if (valid (guarded[i].validator, longer) || valid (guarded[i].validator, shorter))
        {
          g_test_message ("%s takes %s longer or shorter", guarded[i].validator, guarded[i].number);
          g_test_fail ();
        }
    }
}

/* Separators, also a line break and its like, change nothing where they separate. */
static void
test_separators (void)
{
  g_assert_true (valid ("card", "4111 1111\n1111-1111"));
  g_assert_true (valid ("iban", "DE89\n3704.0044 0532/0130-00"));
  g_assert_true (valid ("nl-bsn", "1112.22.333"));
  g_assert_true (valid ("luhn", "7992739+8713"));
  g_assert_false (valid ("card", "4111\x1f""111111111111"));
  g_assert_false (valid ("iban", "DE89*370400440532013000"));
}

/* Whatever the bytes, a validator gives an answer and stays within them. */
static void
test_rubbish (void)
{
  static const char alphabet[] = "0123456789ABCXYZabc<@:.-+ \n\x1f\xc3\xa9\0";
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  for (guint round = 0; round < 20000; round++)
    {
      gsize size = (gsize) g_rand_int_range (random, 0, 120);
      g_autofree char *bytes = g_malloc (size + (size == 0)); /* no NUL behind: an overrun is one for the sanitizer */
      for (gsize i = 0; i < size; i++)
        bytes[i] = alphabet[g_rand_int_range (random, 0, sizeof alphabet)];
      for (const DsValidator *v = ds_validators; v->name != NULL; v++)
        v->valid (bytes, size);
    }
}

/* Good numbers cut and spoilt at every place: the paths behind the first checks see rubbish too. */
static void
test_spoilt (void)
{
  static const char spoilers[] = "A<\n\x80\0Zz@.-";
  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      const DsValidator *v = ds_validator_by_name (good[i].validator);
      gsize size = strlen (good[i].number);
      for (gsize at = 0; at < size; at++)
        for (gsize s = 0; s < sizeof spoilers; s++)
          {
            g_autofree char *bytes = g_memdup2 (good[i].number, size);
            bytes[at] = spoilers[s];
            v->valid (bytes, size);
            v->valid (bytes, at);
          }
    }
}

static void
test_table (void)
{
  const char *last = "";
  for (const DsValidator *v = ds_validators; v->name != NULL; v++)
    {
      g_assert_cmpstr (last, <, v->name);
      g_assert_true (ds_validator_by_name (v->name) == v);
      g_assert_true (v->valid != NULL && v->source[0] != '\0');
      last = v->name;
    }
  g_assert_null (ds_validator_by_name ("none such"));
}

static void
test_secrets (void)
{
  g_assert_true (valid ("crc32-base62", "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"));
  g_assert_false (valid ("crc32-base62", "ghp_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq18"));
  g_assert_false (valid ("crc32-base62", "ghp_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq1"));
#define BODY "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g"
  g_assert_true (valid ("pem", "-----BEGIN PRIVATE KEY-----\n" BODY "\n-----END PRIVATE KEY-----"));
  g_assert_true (valid ("pem", "-----BEGIN PRIVATE KEY----- " BODY " -----END PRIVATE KEY-----"));
  g_assert_true (valid ("pem", "-----BEGIN RSA PRIVATE KEY-----\nDEK-Info: x\n\n" BODY "\n-----END RSA PRIVATE KEY-----"));
  g_assert_false (valid ("pem", "-----BEGIN RSA PRIVATE KEY-----\n" BODY "\n-----END EC PRIVATE KEY-----"));
  g_assert_false (valid ("pem", "-----BEGIN PUBLIC KEY-----\n" BODY "\n-----END PUBLIC KEY-----"));
  g_assert_false (valid ("pem", "-----BEGIN PRIVATE KEY-----\nsee the other mail, please\n-----END PRIVATE KEY-----"));
  g_assert_false (valid ("pem", "-----BEGIN PRIVATE KEY-----END PRIVATE KEY-----"));
}

static void
test_arithmetic (void)
{
  g_assert_cmpuint (ds_digits_number ("0123456789", 10), ==, 123456789);
  g_assert_cmpuint (ds_digits_modulo ("WEST12345698765432GB82", 22, 97), ==, 1);
  g_assert_cmpint (ds_digits_731 ("520727", 6), ==, 3); /* ICAO 9303-3, appendix A */
  g_assert_true (ds_digits_iso7064_11_10 ("07945", 5)); /* ISO 7064's own example */
  g_assert_true (ds_digits_verhoeff ("2363", 4));
  g_assert_false (ds_digits_verhoeff ("2633", 4));
  g_assert_true (ds_calendar_day_short (0, 2, 29));
  g_assert_false (ds_calendar_day_short (99, 2, 29));
  g_assert_true (ds_calendar_day (2024, 2, 29));
  g_assert_false (ds_calendar_day (2023, 2, 29));
  g_assert_false (ds_calendar_day (0, 1, 1));
  g_assert_true (ds_calendar_day_short (0, 2, 29)); /* 2000 had that day, 1900 not */
  g_assert_false (ds_calendar_day_short (1, 2, 29));
  g_assert_true (ds_calendar_birthday (1854, 1, 1));
  g_assert_false (ds_calendar_birthday (2999, 1, 1));
  g_assert_true (ds_digits_two_sums_11 ("33309240064", 11));  /* the first sum */
  g_assert_true (ds_digits_two_sums_11 ("100004801610", 12)); /* the second */
  g_assert_false (ds_digits_two_sums_11 ("33309240065", 11));
  DsSignificant s;
  g_assert_true (ds_significant ("a-1", 3, &s));
  g_assert_cmpstr (s.c, ==, "A1");
  g_assert_false (ds_significant ("", 0, &s));
  g_assert_false (ds_significant ("a\0b", 3, &s));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/validators/table", test_table);
  g_test_add_func ("/validators/good", test_good);
  g_test_add_func ("/validators/bad", test_bad);
  g_test_add_func ("/validators/one-digit", test_one_digit);
  g_test_add_func ("/validators/length", test_length);
  g_test_add_func ("/validators/separators", test_separators);
  g_test_add_func ("/validators/secrets", test_secrets);
  g_test_add_func ("/validators/arithmetic", test_arithmetic);
  g_test_add_func ("/validators/rubbish", test_rubbish);
  g_test_add_func ("/validators/spoilt", test_spoilt);
  return g_test_run ();
}
